/** Rooms that exist from the start, so that there is always something to watch. */
import type { RoomOptionsInput } from '../shared/protocol/index.ts';

export const DEMO_ROOMS: readonly RoomOptionsInput[] = [
  { title: 'Harvest, greedy', environment: 'harvest', bots: ['greedy'] },
  { title: 'Harvest, sustainable', environment: 'harvest', bots: ['sustainable'] },
  {
    title: 'Cleanup, mixed',
    environment: 'cleanup',
    bots: ['cleaner', 'cleaner', 'greedy', 'greedy', 'greedy'],
  },
  { title: 'Harvest, learned', environment: 'harvest', bots: ['zoo/harvest-moa'] },
];

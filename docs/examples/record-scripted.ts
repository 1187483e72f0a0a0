/**
 * Records a scripted policy as if it were a person, to try imitation with an expert whose answers are known:
 *
 *     npx node docs/examples/record-scripted.ts POLICY EPISODES FILE PLAYERS EPISODE_LENGTH
 *     npx node docs/examples/record-scripted.ts greedy 10 expert.arenarec 1 300
 */
import { record, scripted } from '../../agents/imitation/fixture.ts';

const [policy = 'greedy', episodes = '10', file = 'expert.arenarec', players = '1', length = '300'] =
  process.argv.slice(2);
const options = { players: Number(players), episodeLength: Number(length) };
const game = { environment: 'harvest', options };
const collective = record(file, scripted({ ...game, episodes: Number(episodes), seed: 11 }, policy));
console.log(
  `${episodes} episodes of ${policy}, player 0 of each in ${file}; mean collective return ${collective}`,
);

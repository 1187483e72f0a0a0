/** What those see who play by a window. */
import { Outcome } from '../../shared/environment.ts';
import type { ByteWriter } from '../../shared/protocol/bytes.ts';
import { encodeWindow, Message } from '../../shared/protocol/index.ts';
import type { Audience } from '../audience.ts';
import type { Match } from '../match.ts';

/** Sends each client that holds a seat of a partial-view room its window, with what the last step came to or without. */
export function sendWindows(
  match: Match,
  audience: Audience,
  writer: ByteWriter,
  when: 'stepped' | 'now',
): void {
  const { environment, grid, seats, windowSize } = match;
  if (match.options.view !== 'partial' || seats.count() === 0) return;
  const windows = match.look();
  const stepped = when === 'stepped';
  for (const holder of seats.holders) {
    const client = audience.clientOf(holder);
    if (client === undefined) continue;
    const seat = seats.seatOf(holder);
    const bytes = encodeWindow(writer, {
      episode: match.episode,
      time: match.tick,
      facing: grid.facing(seat),
      outcome: stepped ? grid.outcome(seat) : Outcome.stayed,
      reward: stepped ? environment.rawRewards[seat]! : 0,
      total: match.metrics.returns[seat]!,
      window: windows.subarray(seat * windowSize, (seat + 1) * windowSize),
    });
    audience.send(client, Message.window, bytes);
  }
}

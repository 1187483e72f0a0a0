/** A bot of one's own, in a room: it goes to the nearest apple that it sees. `node docs/examples/player.ts ROOM TOKEN` */
import { ClassId, connectPlayer } from '../../agents/client/index.ts';

const [room, token] = process.argv.slice(2) as [string, string];
// The address of the room's page says where the arena is, too.
const player = await connectPlayer({ room, token, name: 'Walker' });
process.once('SIGINT', () => void player.leave());
const { observation, actions, options } = player.game;
const [rows, columns] = observation.shape as [number, number];
// A window is turned as its player looks: what is ahead is above. The player itself stands here.
const row = Number(options.windowAhead);
const column = Number(options.windowLeft);

/** One step towards the nearest apple, or a step at random where there is none. */
function choose(window: ArrayLike<number>): string {
  let best = { distance: Number.POSITIVE_INFINITY, across: 0, ahead: 0 };
  for (let cell = 0; cell < rows * columns; cell++) {
    if (window[cell] !== ClassId.apple) continue;
    const across = (cell % columns) - column;
    const ahead = row - Math.floor(cell / columns);
    const distance = Math.abs(across) + Math.abs(ahead);
    if (distance < best.distance) best = { distance, across, ahead };
  }
  // Now and then at random as well, since a wall may be in the way.
  if (Number.isFinite(best.distance) && Math.random() < 0.9) {
    if (Math.abs(best.across) > Math.abs(best.ahead)) return best.across > 0 ? 'right' : 'left';
    return best.ahead > 0 ? 'forward' : 'backward';
  }
  return ['forward', 'left', 'right', 'turn clockwise'][Math.floor(4 * Math.random())]!;
}

for await (const { seats, ended, episode } of player) {
  const [seat] = seats;
  if (ended) console.log(`episode ${episode}: ${seat!.total}`);
  else player.act(actions!.indexOf(choose(seat!.observation)));
}

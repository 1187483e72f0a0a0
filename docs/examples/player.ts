/** A bot of one's own in a room: it goes to the nearest apple it sees. `npx node docs/examples/player.ts ROOM TOKEN` */
import { ClassId, connectPlayer } from '../../agents/client/index.ts';

const [room, token] = process.argv.slice(2) as [string, string];
// The address of the room's page says where the arena is, too.
const player = await connectPlayer({ room, token, name: 'Walker' });
process.once('SIGINT', () => void player.leave());
const { actions, observation, options } = player.game;
const columns = observation.shape[1]!;
// A window is turned as its player looks: what is ahead is above. All cells, the nearest to the player's own first.
const cells = Array.from({ length: observation.shape[0]! * columns }, (_, cell) => {
  const right = (cell % columns) - Number(options.windowLeft);
  const ahead = Number(options.windowAhead) - Math.floor(cell / columns);
  return { cell, right, ahead, distance: Math.abs(right) + Math.abs(ahead) };
}).sort((a, b) => a.distance - b.distance);

function choose(window: ArrayLike<number>): string {
  const apple = cells.find(({ cell }) => window[cell] === ClassId.apple);
  // At random where there is none, and now and then, since a wall may be in the way.
  if (apple === undefined || Math.random() < 0.1) {
    return ['forward', 'left', 'right', 'turn clockwise'][Math.floor(4 * Math.random())]!;
  }
  if (Math.abs(apple.right) > Math.abs(apple.ahead)) return apple.right > 0 ? 'right' : 'left';
  return apple.ahead > 0 ? 'forward' : 'backward';
}

for await (const { seats, ended, episode } of player) {
  if (ended) console.log(`episode ${episode}: ${seats[0]!.total}`);
  else player.act(actions!.indexOf(choose(seats[0]!.observation)));
}

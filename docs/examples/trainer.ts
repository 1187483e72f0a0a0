/** A learner of one's own, at an arena: Q-learning by a table. `node docs/examples/trainer.ts URL TOKEN [STEPS]` */
import { ClassId, connectTrainer, type Trainer } from '../../agents/client/index.ts';

const [url, token, steps = '2000'] = process.argv.slice(2) as [string, string, string?];
const options = { episodeLength: 50 };
const trainer = await connectTrainer({ url, token, environment: 'harvest', options, environments: 8 });
const { game, observations, players } = trainer;
const actions = new Uint8Array(trainer.environments * players);
const [rows, columns] = game.observation.shape as [number, number];
const size = rows * columns;
// A state is the cell of the window where the nearest apple lies, the player's own where there is none. All share one table
// of what the actions are worth: ways of going and turning; those after them fine others.
const here = Number(game.options.windowAhead) * columns + Number(game.options.windowLeft);
const away = (cell: number) =>
  Math.abs((cell % columns) - (here % columns)) +
  Math.abs(Math.floor(cell / columns) - Math.floor(here / columns));
const nearest = Array.from({ length: size }, (_, cell) => cell).sort((a, b) => away(a) - away(b));
const choices = game.actions!.indexOf('fine');
const worth = Array.from({ length: size }, () => new Float32Array(choices));
const states = new Uint8Array(actions.length);
const look = (k: number) => nearest.find((cell) => observations[k * size + cell] === ClassId.apple) ?? here;

function act(): Uint8Array {
  for (let k = 0; k < actions.length; k++) {
    const known = worth[(states[k] = look(k))]!;
    const explores = states[k] === here || Math.random() < 0.1;
    actions[k] = explores ? Math.floor(choices * Math.random()) : known.indexOf(Math.max(...known));
  }
  return actions;
}

function learn({ rewards, done }: Trainer): void {
  for (let k = 0; k < actions.length; k++) {
    const next = done[Math.floor(k / players)] === 1 ? 0 : Math.max(...worth[look(k)]!);
    const known = worth[states[k]!]!;
    known[actions[k]!]! += 0.1 * (rewards[k]! + 0.9 * next - known[actions[k]!]!);
  }
}

let step = 0;
for await (const result of trainer.run(act)) {
  learn(result);
  const returns = result.ended.map(({ counts }) => counts.subarray(0, players).reduce((a, b) => a + b));
  if (returns.length > 0) console.log(step + 1, returns.reduce((a, b) => a + b) / returns.length);
  if (++step >= Number(steps)) break;
}
await trainer.close();

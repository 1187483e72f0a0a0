/** A learner of one's own, at an arena: Q-learning by a table. `npx node docs/examples/trainer.ts URL TOKEN [STEPS]` */
import { ClassId, connectTrainer } from '../../agents/client/index.ts';

const [url, token, steps = '2000'] = process.argv.slice(2) as [string, string, string?];
const options = { episodeLength: 50 };
const trainer = await connectTrainer({ url, token, environment: 'harvest', options, environments: 8 });
const { game, observations, players } = trainer;
const [rows, columns] = game.observation.shape as [number, number];
const size = rows * columns;
const away = (cell: number) =>
  Math.abs((cell % columns) - Number(game.options.windowLeft)) +
  Math.abs(Math.floor(cell / columns) - Number(game.options.windowAhead));
const nearest = [...Array(size).keys()].sort((a, b) => away(a) - away(b));
// A state is the cell of the window where the nearest apple lies, the player's own where there is none.
const here = nearest[0]!;
const look = (k: number) => nearest.find((cell) => observations[k * size + cell] === ClassId.apple) ?? here;
// All share one table of what the actions are worth: ways of going and turning; those after them fine others.
const choices = game.actions!.indexOf('fine');
const worth = nearest.map(() => new Float32Array(choices));
const actions = new Uint8Array(trainer.environments * players);

await trainer.reset();
for (let step = 1; step <= Number(steps); step++) {
  const states = Array.from(actions, (_, k) => look(k));
  for (const [k, state] of states.entries()) {
    const known = worth[state]!;
    const explores = state === here || Math.random() < 0.1;
    actions[k] = explores ? Math.floor(choices * Math.random()) : known.indexOf(Math.max(...known));
  }
  const { rewards, done, ended } = await trainer.step(actions);
  for (const [k, state] of states.entries()) {
    const known = worth[state]!;
    const next = done[Math.floor(k / players)] === 1 ? 0 : Math.max(...worth[look(k)]!);
    known[actions[k]!]! += 0.1 * (rewards[k]! + 0.9 * next - known[actions[k]!]!);
  }
  const returns = ended.map(({ counts }) => counts.subarray(0, players).reduce((a, b) => a + b));
  if (returns.length > 0) console.log(step, returns.reduce((a, b) => a + b) / returns.length);
}
await trainer.close();

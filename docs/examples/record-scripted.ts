/**
 * Records a scripted policy as if it were a person, to try imitation with an expert whose answers are known:
 *
 *     node docs/examples/record-scripted.ts sustainable 10 expert.arenarec
 */
import { record, scripted } from '../../agents/imitation/fixture.ts';

const [policy = 'sustainable', episodes = '10', file = 'expert.arenarec'] = process.argv.slice(2);
const game = { environment: 'harvest', options: { players: 5, episodeLength: 500 } };
const collective = record(file, scripted({ ...game, episodes: Number(episodes), seed: 11 }, policy));
console.log(
  `${episodes} episodes of ${policy}, player 0 of each in ${file}; mean collective return ${collective}`,
);

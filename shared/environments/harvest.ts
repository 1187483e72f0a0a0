/**
 * Harvest: a commons dilemma (Perolat et al. 2017; Hughes et al. 2018; Jaques et al. 2019).
 *
 * Apples grow back the faster the more apples are near. What is eaten to the last apple of a patch is gone for good:
 * each player alone gains by eating now, all together lose by it. A player can fine another, at a cost to both.
 * The map and the rule `ssd` are those of the open implementation by Vinitsky et al.
 */
import * as z from 'zod';
import { ACTION_LABELS } from '../grid/actions.ts';
import { defineGrid } from '../grid/definition.ts';
import { NeighbourRegrowth, type RegrowthRule, RegrowthTables } from '../grid/neighbour-regrowth.ts';
import { ClassId } from '../palette.ts';

const MAP = [
  '@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@',
  '@ P   P      A    P AAAAA    P  A P  @',
  '@  P     A P AA    P    AAA    A  A  @',
  '@     A AAA  AAA    A    A AA AAAA   @',
  '@ A  AAA A    A  A AAA  A  A   A A   @',
  '@AAA  A A    A  AAA A  AAA        A P@',
  '@ A A  AAA  AAA  A A    A AA   AA AA @',
  '@  A A  AAA    A A  AAA    AAA  A    @',
  '@   AAA  A      AAA  A    AAAA       @',
  '@ P  A       A  A AAA    A  A      P @',
  '@A  AAA  A  A  AAA A    AAAA     P   @',
  '@    A A   AAA  A A      A AA   A  P @',
  '@     AAA   A A  AAA      AA   AAA P @',
  '@ A    A     AAA  A  P          A    @',
  '@       P     A         P  P P     P @',
  '@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@',
];

const RULES = {
  /** The open implementation: the eight neighbours. */
  ssd: { metric: 'chebyshev', radius: 1, probability: [0, 0.005, 0.02, 0.05] },
  /** What its authors say they meant. */
  radius2: { metric: 'euclidean', radius: 2, probability: [0, 0.005, 0.02, 0.05] },
  /** Hughes et al. 2018, as cited: 1-2, 3-4 and more than 4 apples within distance 2. */
  hughes: { metric: 'euclidean', radius: 2, probability: [0, 0.005, 0.005, 0.02, 0.02, 0.05] },
  /** DeepMind's own open level. */
  lab2d: { metric: 'cityblock', radius: 3, probability: [0, 0.001, 0.005, 0.025] },
  /** Nothing grows back: for replays of recordings made without regrowth. */
  off: { metric: 'chebyshev', radius: 1, probability: [0] },
} as const satisfies Record<string, RegrowthRule>;

export const harvest = defineGrid({
  name: 'harvest',
  title: 'Harvest',
  summary:
    'Apples grow back the faster the more apples are near; a patch eaten to the last apple is gone for good. ' +
    'Each alone gains by eating now, all together lose by it. Who takes too much can be fined, at a cost.',
  source:
    'Perolat et al. 2017; Hughes et al. 2018; Jaques et al. 2019; map and default rule of Vinitsky et al.',
  details: [
    'Each empty site that no player stands on grows an apple with a probability set by how many apples are near, all',
    'counted before any grows in the step:',
    '',
    '| `regrowth` | near means | probability for 0, 1, 2, ... apples near; the last also for more |',
    '|---|---|---|',
    ...Object.entries(RULES).map(
      ([name, rule]) =>
        `| \`${name}\` | ${rule.metric} distance at most ${rule.radius} | ${rule.probability.join(', ')} |`,
    ),
  ],
  map: MAP,
  legend: {
    '@': { id: ClassId.wall },
    ' ': { id: ClassId.floor },
    P: { id: ClassId.floor, spawn: true },
    A: { id: ClassId.apple, site: 'apple' },
  },
  actions: ACTION_LABELS,
  options: {
    regrowth: z
      .enum(Object.keys(RULES) as (keyof typeof RULES)[])
      .default('ssd')
      .describe('Which regrowth rule holds'),
    regrowthMetric: z
      .enum(['chebyshev', 'euclidean', 'cityblock'])
      .optional()
      .describe('Overrides how the rule measures distance'),
    regrowthRadius: z.int().min(1).max(6).optional().describe('Overrides how near an apple must be to count'),
    regrowthProbability: z
      .array(z.number().min(0).max(1))
      .min(1)
      .max(170)
      .optional()
      .describe(
        'Overrides the probabilities of regrowth a step by number of apples near; the last holds for more',
      ),
  },
  presets: {
    default: {},
    ssd: { beamsVisible: false },
    hughes: { regrowth: 'hughes' },
    lab2d: { regrowth: 'lab2d' },
  },
  rules(level, options) {
    const rule = RULES[options.regrowth];
    const tables = new RegrowthTables(level, {
      metric: options.regrowthMetric ?? rule.metric,
      radius: options.regrowthRadius ?? rule.radius,
      probability: options.regrowthProbability ?? rule.probability,
    });
    return (state, heap) => new NeighbourRegrowth(state, tables, heap);
  },
});

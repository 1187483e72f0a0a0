/**
 * Cleanup: a public good dilemma (Hughes et al. 2018; Jaques et al. 2019).
 *
 * Apples grow only while the river is clean enough, and waste keeps coming. Cleaning pays nobody: whoever does it feeds
 * the others, and if nobody does nothing grows at all. The map and the rates are those of Vinitsky et al.
 */
import * as z from 'zod';
import { ACTION_LABELS } from '../grid/actions.ts';
import { defineGrid } from '../grid/definition.ts';
import { RiverGrowth, RiverTables } from '../grid/river-growth.ts';
import { ClassId } from '../palette.ts';

const MAP = [
  '@@@@@@@@@@@@@@@@@@',
  '@RRRRRR     BBBBB@',
  '@HHHHHH      BBBB@',
  '@RRRRRR     BBBBB@',
  '@RRRRR  P    BBBB@',
  '@RRRRR    P BBBBB@',
  '@HHHHH       BBBB@',
  '@RRRRR      BBBBB@',
  '@HHHHHHSSSSSSBBBB@',
  '@HHHHHHSSSSSSBBBB@',
  '@RRRRR   P P BBBB@',
  '@HHHHH   P  BBBBB@',
  '@RRRRRR    P BBBB@',
  '@HHHHHH P   BBBBB@',
  '@RRRRR       BBBB@',
  '@HHHH    P  BBBBB@',
  '@RRRRR       BBBB@',
  '@HHHHH  P P BBBBB@',
  '@RRRRR       BBBB@',
  '@HHHH       BBBBB@',
  '@RRRRR       BBBB@',
  '@HHHHH      BBBBB@',
  '@RRRRR       BBBB@',
  '@HHHH       BBBBB@',
  '@@@@@@@@@@@@@@@@@@',
];

export const cleanup = defineGrid({
  name: 'cleanup',
  title: 'Cleanup',
  summary:
    'Apples grow only while the river is clean, and waste keeps coming. Cleaning pays nobody: who does it feeds the ' +
    'others, and if nobody does, nothing grows. Who shirks can be fined, at a cost.',
  source: 'Hughes et al. 2018; Jaques et al. 2019; map and rates of Vinitsky et al.',
  details: [
    'With waste density d = waste / river cells (56 / 119 at the start): at d >= `wasteThreshold` nothing grows and no',
    'waste comes. Below it each empty apple site without a player grows with probability',
    '`appleRate` * (1 - d / `wasteThreshold`), and one clean river cell takes waste with probability',
    '1 - (1 - `wasteRate`)^(clean cells), each of them alike.',
  ],
  map: MAP,
  legend: {
    '@': { id: ClassId.wall },
    ' ': { id: ClassId.floor },
    P: { id: ClassId.floor, spawn: true },
    B: { id: ClassId.floor, site: 'apple' },
    H: { id: ClassId.waste, site: 'river' },
    R: { id: ClassId.river, site: 'river' },
    S: { id: ClassId.stream },
  },
  actions: [...ACTION_LABELS, 'clean'],
  options: {
    appleRate: z
      .number()
      .min(0)
      .max(1)
      .default(0.05)
      .describe('Probability that an empty site grows an apple in a step while the river is quite clean'),
    wasteThreshold: z
      .number()
      .gt(0)
      .max(1)
      .default(0.4)
      .describe('Share of the river under waste from which on nothing grows and no waste comes'),
    wasteRate: z
      .number()
      .min(0)
      .max(1)
      .default(0.5)
      .describe(
        'Probability with which each clean river cell, tried in random order, takes the one new waste of a step',
      ),
  },
  presets: { default: {}, ssd: { beamsVisible: false } },
  rules(level, options) {
    const tables = new RiverTables(level, options);
    return (state, heap) => new RiverGrowth(state, tables, heap);
  },
});

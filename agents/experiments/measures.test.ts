import { describe, expect, it } from 'vitest';
import { pairMetrics, sectionsOf } from './measures.ts';

const named = (present: readonly string[]) =>
  sectionsOf(present).map(({ key, measures }) => [key, ...measures.map(({ name }) => name)]);

describe('sectionsOf', () => {
  it('has what was logged and no more', () => {
    expect(named(['steps', 'episode/equality', 'episode/collectiveReturn', 'loss/policy'])).toEqual([
      ['outcome', 'episode/collectiveReturn', 'episode/equality'],
    ]);
  });

  it('takes any intrinsic reward, without its parts', () => {
    expect(named(['intrinsic/rnd', 'intrinsic/influence-moa', 'intrinsic/influence-moa/paid'])).toEqual([
      ['intrinsic', 'intrinsic/influence-moa', 'intrinsic/rnd'],
    ]);
  });

  it('draws a measure against its baseline', () => {
    const [section] = sectionsOf(['communication/x', 'communication/x/baseline']);
    expect(section!.measures).toMatchObject([
      { name: 'communication/x', baseline: { name: 'communication/x/baseline', how: 'shuffled' } },
    ]);
  });

  it('draws the models against the marginal', () => {
    const pair = ['moa/crossEntropy/0-1', 'moa/marginal/0-1'];
    const [section] = sectionsOf(['moa/marginal', 'moa/crossEntropy', ...pair]);
    expect(section!.measures).toMatchObject([
      { name: 'moa/crossEntropy', baseline: { name: 'moa/marginal' } },
    ]);
    expect(section!.measures).toHaveLength(1);
  });

  it('has moments of high influence beside the whole, against a baseline of their own', () => {
    const present = ['x', 'x/high/baseline', 'x/high'].map((name) => `communication/${name}`);
    const [section] = sectionsOf(present);
    expect(section!.measures.map(({ name, baseline }) => [name, baseline?.name])).toEqual([
      ['communication/x', undefined],
      ['communication/x/high', 'communication/x/high/baseline'],
    ]);
    expect(section!.measures[1]!.title).toMatch(/, where influence is high$/);
  });

  it('is empty where nothing of interest was logged', () => {
    expect(sectionsOf(['steps', 'seconds'])).toEqual([]);
  });
});

describe('pairMetrics', () => {
  it('reads who looks at whom', () => {
    expect(pairMetrics(['moa/crossEntropy', 'moa/crossEntropy/0-12', 'moa/marginal/0-12'])).toEqual([
      { name: 'moa/crossEntropy/0-12', marginal: 'moa/marginal/0-12', looker: 0, foretold: 12 },
    ]);
  });
});

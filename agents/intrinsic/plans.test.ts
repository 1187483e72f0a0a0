/** What may be said of intrinsic rewards, and what one hears of the rest before anything starts. */
import { describe, expect, it } from 'vitest';
import { readPlan } from '../training/config.ts';
import { INTRINSIC_REWARDS } from './index.ts';

function refusal(...overrides: string[]): string {
  try {
    readPlan('', 'a test', overrides);
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was refused';
}

const NAMES = ['inequity-aversion', 'social-value-orientation', 'rnd', 'count'];

it('all are on the list', () => {
  expect(INTRINSIC_REWARDS.map(({ name }) => name)).toEqual(expect.arrayContaining(NAMES));
});

describe.each(NAMES)('%s', (name) => {
  it('is at work once it is named, with defaults for all it does not say', () => {
    const { intrinsic } = readPlan('', 'a test', [`intrinsic.${name}={}`]);
    expect(intrinsic).toMatchObject([{ name, options: { curriculum: 1, players: 'all' } }]);
  });

  it.each([
    ['weight=much', /weight is "much": a schedule is a number, points/],
    ['weight=-1', /weight is -1: the value must be at least 0/],
    [
      'curriculum=[[0.5,1],[0.2,0]]',
      /points run backwards: 0.2 comes after 0.5; put them in increasing order/,
    ],
    ['clip=0', /clip is 0: must be more than 0/],
    ['players=[]', /players is \[\]: must have at least 1 item/],
    ['players=[1,5]', /players names player 5, harvest has players 0 to 4/],
    ['players=some', /players is "some": must be all, or must be a list/],
    ['wieght=1', /wieght is unknown, did you mean .*weight\?/],
  ])('refuses %s', (setting, message) => {
    const found = refusal(`intrinsic.${name}.${setting}`);
    expect(found).toContain(`intrinsic.${name}.`);
    expect(found).toMatch(message);
  });

  it('does not go with replay', () => {
    expect(refusal('algo.name=dqn', `intrinsic.${name}={}`)).toMatch(
      /do not go with dqn.*ppo, a2c, reinforce/,
    );
  });
});

it.each([
  [
    'intrinsic.inequity={}',
    'intrinsic.inequity on the command line: intrinsic.inequity is unknown, did you mean intrinsic.inequity-aversion?',
  ],
  [
    'intrinsic.influence-mao={}',
    'intrinsic.influence-mao on the command line: intrinsic.influence-mao is unknown, did you mean intrinsic.influence-moa?',
  ],
])('a reward that is none is answered with the nearest: %s', (setting, message) => {
  expect(refusal(setting)).toBe(message);
});

it('one that is near none is answered with all there are', () => {
  const found = refusal('intrinsic.curiosity={}');
  for (const { name } of INTRINSIC_REWARDS) expect(found).toContain(name);
});

it.each(['inequity-aversion', 'social-value-orientation'])(
  '%s wants others and their own rewards',
  (name) => {
    const setting = `intrinsic.${name}={}`;
    expect(refusal('env.players=1', setting)).toMatch(
      `intrinsic.${name} is about others, and harvest here has one player`,
    );
    expect(refusal('env.name=cartpole', setting)).toMatch(/cartpole here has one player/);
    expect(refusal('env.reward=collective', setting)).toBe(
      `intrinsic.${name} compares what each player of harvest is paid by itself: leave env.reward individual (it is collective)`,
    );
  },
);

it('as many angles as players', () => {
  expect(refusal('intrinsic.social-value-orientation.angle=[0,90]')).toBe(
    'intrinsic.social-value-orientation.angle lists 2, and harvest here has 5 players: give a number, or 5',
  );
  expect(refusal('intrinsic.social-value-orientation.angle=270')).toMatch(
    'angle is 270: must be at most 180',
  );
});

describe('a count', () => {
  it('has a table whose size is a power of two', () => {
    expect(refusal('intrinsic.count.size=3000')).toMatch(
      'size is 3000: must be a power of two, such as 262144',
    );
  });

  it('of numbers that have no bounds wants a grain, one or as many as there are numbers', () => {
    const cartpole = 'env.name=cartpole';
    expect(refusal(cartpole, 'intrinsic.count={}')).toBe(
      'intrinsic.count.grain is needed: the observation of cartpole has no bounds that it could be a part of; give a number, or a list of 4',
    );
    expect(refusal(cartpole, 'intrinsic.count.grain=[1,2]')).toBe(
      'intrinsic.count.grain lists 2, and an observation of cartpole has 4 numbers: give one for all, or 4',
    );
    expect(refusal(cartpole, 'intrinsic.count.grain=0')).toMatch('grain is 0: must be more than 0');
    expect(refusal(cartpole, 'intrinsic.count.grain=[1,1,0.1,0.5]')).toBe('nothing was refused');
  });
});

it.each([
  ['share=0', 'share is 0: must be more than 0'],
  ['share=2', 'share is 2: must be at most 1'],
  ['features=0', 'features is 0: must be at least 1'],
  ['gamma=1', 'gamma is 1: must be less than 1'],
])('random network distillation refuses %s', (setting, message) => {
  expect(refusal(`intrinsic.rnd.${setting}`)).toMatch(message);
});

describe('influence', () => {
  const basic = 'intrinsic.influence-basic={}';

  it.each([
    [[basic], 'pays those who act first in a step, and nobody does: name some of the players in env.leaders'],
    [[basic, 'env.leaders=[0,1,2,3,4]'], 'all 5 players lead, so nobody is left to follow'],
    [
      ['env.leaders=[0,1]', 'intrinsic.influence-basic.players=[1,3]'],
      'intrinsic.influence-basic.players names player 3, whom it never pays; it does 0, 1',
    ],
    [['intrinsic.influence-communication.vocabulary=0'], 'a vocabulary needs two symbols or more'],
    [
      ['intrinsic.influence-communication={}', 'network.lstm=0'],
      'intrinsic.influence-communication asks policies again from their memory: network.lstm must be above 0',
    ],
    ...['moa', 'communication', 'basic'].map(
      (form) =>
        [
          ['env.name=cartpole', `intrinsic.influence-${form}={}`],
          `intrinsic.influence-${form} is about others, and cartpole here has one player`,
        ] as const,
    ),
    [['intrinsic.influence-moa.weight=.nan'], 'weight'],
  ] as const)('%s is refused', (settings, message) => {
    expect(refusal(...settings)).toContain(message);
  });
});

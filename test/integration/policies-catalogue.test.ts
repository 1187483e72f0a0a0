import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CARD_FILE, formatCard, type PolicyCard } from '../../agents/policies/card.ts';
import { sha256 } from '../../agents/policies/files.ts';
import { temporaryFolder } from '../../agents/policies/fixture.ts';
import { ZOO } from '../../agents/policies/zoo.ts';
import { Catalogue } from '../../server/policies/catalogue.ts';

const base = temporaryFolder();
const outside = join(base, 'outside');
mkdirSync(outside);

/** Long ago, so that nobody thinks that the files are being written. */
function settle(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (existsSync(join(folder, name))) utimesSync(join(folder, name), 1, 1);
  }
}

interface Made {
  readonly catalogue: Catalogue;
  /** Makes a policy's folder of one of the zoo, and does something to it. */
  put(name: string, spoil?: (folder: string) => void, of?: string): string;
}

let count = 0;
function made(): Made {
  const own = join(base, `own-${count++}`);
  mkdirSync(own);
  const catalogue = new Catalogue([{ prefix: 'own', folder: own }]);
  afterAll(() => catalogue.close());
  return {
    catalogue,
    put(name, spoil = () => {}, of = 'harvest-dqn') {
      const folder = join(own, name);
      cpSync(join(ZOO, of), folder, { recursive: true });
      spoil(folder);
      settle(folder);
      return folder;
    },
  };
}

const cardOf = (folder: string) => JSON.parse(readFileSync(join(folder, CARD_FILE), 'utf8')) as PolicyCard;
const rewrite = (folder: string, change: Partial<PolicyCard>) =>
  writeFileSync(join(folder, CARD_FILE), formatCard({ ...cardOf(folder), ...change }));

/** Puts other bytes in place of the network, with a card that says so. */
function replace(folder: string, bytes: Uint8Array): void {
  writeFileSync(join(folder, 'policy.onnx'), bytes);
  rewrite(folder, { files: [{ name: 'policy.onnx', sha256: sha256(bytes) }] });
}

/** Why a policy is refused after something was done to it. */
async function problemOf(spoil: (folder: string) => void, of?: string): Promise<string | undefined> {
  const { catalogue, put } = made();
  put('it', spoil, of);
  put('good');
  await catalogue.refresh();
  const { policies, broken } = catalogue.list();
  expect(policies.map(({ name }) => name)).toEqual(['own/good']);
  return broken.find(({ name }) => name === 'own/it')?.problem;
}

describe('a broken policy is listed with its reason, and hides none of the others', () => {
  it('a pickle dressed as a network', async () => {
    expect(
      await problemOf((folder) => replace(folder, Buffer.from('\x80\x04cposix\nsystem\n.', 'latin1'))),
    ).toBe('policy.onnx is a Python pickle, which is never opened here: export the policy as ONNX');
  });

  it('a pickle dressed as a card', async () => {
    expect(
      await problemOf((folder) => writeFileSync(join(folder, CARD_FILE), Buffer.from([0x80, 5, 1]))),
    ).toMatch(/policy\.json is a Python pickle/);
  });

  it('a checkpoint of PyTorch', async () => {
    expect(
      await problemOf((folder) => {
        rmSync(join(folder, CARD_FILE));
        writeFileSync(join(folder, 'model.pt'), 'PK\u0003\u0004archive');
      }),
    ).toMatch(/policy\.json is missing, and model\.pt is a zip archive, as torch\.save writes/);
  });

  it('another file than the card describes', async () => {
    expect(await problemOf((folder) => writeFileSync(join(folder, 'policy.onnx'), 'other'))).toMatch(
      /policy\.onnx is not the file that policy\.json describes: its sha256 differs/,
    );
  });

  it('half a file', async () => {
    expect(
      await problemOf((folder) =>
        replace(folder, readFileSync(join(folder, 'policy.onnx')).subarray(0, 50_000)),
      ),
    ).toMatch(/is no ONNX model, or was cut off/);
  });

  it('no file', async () => {
    expect(await problemOf((folder) => rmSync(join(folder, 'policy.onnx')))).toBe('policy.onnx is missing');
  });

  it('for an environment that has no rooms', async () => {
    expect(await problemOf((folder) => rewrite(folder, { env: { name: 'cartpole', options: {} } }))).toMatch(
      /it is for "cartpole", of which there are no rooms, only of harvest, cleanup/,
    );
  });

  it('for another environment than it learned on', async () => {
    expect(
      await problemOf((folder) => rewrite(folder, { env: { name: 'cleanup', options: { players: 5 } } })),
    ).toMatch(/own\/it is for actions .*fine, here it is .*clean/);
  });

  it('with another network than the card says', async () => {
    expect(await problemOf((folder) => rewrite(folder, { stateSize: 256 }))).toMatch(
      /policy\.onnx has no input state, only observation/,
    );
  });

  it('that would take any amount of memory', async () => {
    expect(await problemOf((folder) => rewrite(folder, { stateSize: 1_000_000_000 }))).toBe(
      'policy.json: stateSize is 1000000000, at most 65536 can be played',
    );
  });

  it('of files that are too large', async () => {
    expect(
      await problemOf((folder) => writeFileSync(join(folder, 'policy.onnx'), new Uint8Array(32_000_001))),
    ).toBe('policy.onnx has 32000001 bytes, at most 32000000 are read');
  });

  it('that leads out of its folder', async () => {
    expect(
      await problemOf((folder) => {
        cpSync(join(folder, 'policy.onnx'), join(outside, 'policy.onnx'));
        rmSync(join(folder, 'policy.onnx'));
        symlinkSync(join(outside, 'policy.onnx'), join(folder, 'policy.onnx'));
      }),
    ).toBe('policy.onnx is a link out of the folder: copy the file itself');
  });

  it('that follows leaders', async () => {
    const signals = [{ name: 'leadersActions' as const, choices: 8, slots: 5 }];
    expect(await problemOf((folder) => rewrite(folder, { signals }))).toBe(
      'it follows leaders, and in rooms everybody acts at once',
    );
  });

  it('a pipe where its network should be', async () => {
    expect(
      await problemOf((folder) => {
        rmSync(join(folder, 'policy.onnx'));
        execFileSync('mkfifo', [join(folder, 'policy.onnx')]);
      }),
    ).toBe('policy.onnx is no plain file');
  });

  it('a pipe where its card should be', async () => {
    expect(
      await problemOf((folder) => {
        rmSync(join(folder, CARD_FILE));
        execFileSync('mkfifo', [join(folder, CARD_FILE)]);
      }),
    ).toBe('policy.json is no plain file');
  });

  it('a pipe, and nothing else', async () => {
    expect(
      await problemOf((folder) => {
        rmSync(join(folder, CARD_FILE));
        execFileSync('mkfifo', [join(folder, 'another.onnx')]);
      }),
    ).toBe('policy.json is missing: a policy is what arena export writes');
  });

  it('with a name that no seat could have', async () => {
    const { catalogue, put } = made();
    put('with a space');
    await catalogue.refresh();
    expect(catalogue.list().broken).toEqual([
      {
        name: 'own/with a space',
        problem:
          'no seat can be given its name: a folder of a policy has 1 to 64 letters from A to Z, digits, and . _ -',
        failed: false,
      },
    ]);
  });

  it('for as many players as its environment does not have', async () => {
    expect(await problemOf((folder) => rewrite(folder, { players: 7 }))).toBe(
      'policy.json: players is 7, and the environment of env.options has 5',
    );
  });

  it('with returns that are no returns', async () => {
    expect(await problemOf((folder) => rewrite(folder, { value: { mean: 1e308, deviation: 1 } }))).toMatch(
      /policy\.json is no model card: .*value\.mean/,
    );
  });

  it('a run that is not done', async () => {
    expect(
      await problemOf((folder) => {
        rmSync(join(folder, CARD_FILE));
        writeFileSync(join(folder, 'run.json'), '{}');
      }),
    ).toMatch(/a run has it once it is done, and its folder best/);
  });
});

describe('the folder is followed', () => {
  const names = (catalogue: Catalogue) => catalogue.list().policies.map(({ name }) => name);

  it('a new policy is offered, and one that is gone is not', async () => {
    const { catalogue, put } = made();
    await catalogue.refresh();
    expect(names(catalogue)).toEqual([]);
    const folder = put('late');
    await catalogue.refresh();
    expect(names(catalogue)).toEqual(['own/late']);
    rmSync(folder, { recursive: true });
    await catalogue.refresh();
    expect(names(catalogue)).toEqual([]);
  });

  it('by itself', async () => {
    const { catalogue, put } = made();
    await catalogue.start();
    put('late');
    await expect.poll(() => names(catalogue), { timeout: 60_000 }).toEqual(['own/late']);
  });

  it('a linked folder is as good as one that lies there', async () => {
    const { catalogue, put } = made();
    const folder = put('it');
    symlinkSync(folder, join(folder, '..', 'linked'));
    await catalogue.refresh();
    expect(names(catalogue)).toEqual(['own/it', 'own/linked']);
  });

  it('one that is mended is offered', async () => {
    const { catalogue, put } = made();
    const folder = put('it', (path) => rmSync(join(path, 'policy.onnx')));
    await catalogue.refresh();
    expect(names(catalogue)).toEqual([]);
    cpSync(join(ZOO, 'harvest-dqn', 'policy.onnx'), join(folder, 'policy.onnx'));
    await catalogue.refresh();
    expect(names(catalogue)).toEqual(['own/it']);
  });

  it('one that is being written keeps what it was', async () => {
    const { catalogue, put } = made();
    const folder = put('it');
    await catalogue.refresh();
    writeFileSync(join(folder, 'policy.onnx'), 'half of it');
    await catalogue.refresh();
    expect(catalogue.list()).toMatchObject({ policies: [{ name: 'own/it' }], broken: [] });
  });

  it('one that failed as it ran is broken until it changes', async () => {
    const { catalogue, put } = made();
    const folder = put('it');
    await catalogue.refresh();
    catalogue.condemn('own/it', 'it failed');
    await catalogue.refresh();
    expect(catalogue.list().broken).toEqual([{ name: 'own/it', problem: 'it failed', failed: true }]);
    rewrite(folder, { seed: 9 });
    await catalogue.refresh();
    expect(catalogue.list().broken).toEqual([]);
  });
});

/** What a policy's page says of how it stands with others, from cards of real exports. */
import { describe, expect, it } from 'vitest';
import { PROGRESS, temporaryFolder, untrained } from './fixture.ts';
import { readmeOf } from './readme.ts';
import { snapshotOf } from './snapshot.ts';
import { policyFiles } from './write.ts';

const folder = temporaryFolder();

async function pageOf(name: string, ...settings: string[]): Promise<string> {
  const small = ['env.players=3', 'network.dense=[4]', 'network.lstm=4', 'network.filters=2'];
  const { run, plan, theta } = await untrained(folder, name, ...small, ...settings);
  return readmeOf(policyFiles(snapshotOf(run, plan, PROGRESS, { theta })).card, {});
}

describe('the page', () => {
  it('of a policy by itself says nothing of others', async () => {
    const page = await pageOf('alone');
    expect(page).not.toMatch(/It hears|It says|It predicts|uint8 \[batch, 3\]/);
  });

  it('says what it hears, by which input and who is where in it', async () => {
    const page = await pageOf('hears', 'env.revealActions=true', 'env.leaders=[0]');
    expect(page).toContain('`lastActions` uint8 [batch, 3]; `leadersActions` uint8 [batch, 3].');
    expect(page).toContain(
      'It hears what everybody did in the last step (`lastActions`, 8 where there is none) and what those who lead do in this step (`leadersActions`, 8 where there is none). Of these slot 0 is the player itself, slot i the player i places after it, round the 3 of them.',
    );
  });

  it('says what it says', async () => {
    const page = await pageOf('says', 'intrinsic.influence-communication={vocabulary: 6}');
    expect(page).toContain('`symbolProbabilities` float32 [batch, 6]. Actions are drawn');
    expect(page).toContain(
      'It says one of 6 symbols a step, drawn from `symbolProbabilities`, which all hear in the next.',
    );
    expect(page).toContain('what everybody said in the last step (`heardSymbols`, 6 where there is none)');
    expect(page).toContain('| intrinsic.influence-communication.vocabulary | 6 |');
  });

  it('says what it predicts', async () => {
    const page = await pageOf('predicts', 'intrinsic.influence-moa={lstm: 5}');
    expect(page).toMatch(/It predicts what the others do: `moa\.onnx` is its model of other agents/);
    expect(page).toContain('`predictions` float32 [batch, 2, 8]');
    expect(page).toContain('`nextState` float32 [batch, 10]');
    expect(page).toContain('It learned of a player only while it saw it.');
  });
});

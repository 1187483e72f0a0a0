/** A connection that asks people: puts states before them, and waits for what they say. */
import { OptionsError, parseOptions } from '../../shared/definition.ts';
import { elementsOf } from '../../shared/environment.ts';
import { type Ask, askSchema, type LabelsSoFar, labelsSchema } from '../../shared/protocol/agents/index.ts';
import { DILEMMAS } from '../../shared/registry.ts';
import { type LabelSession, labelDesk, type Subject } from '../labels/desk.ts';
import type { AskedState } from '../labels/sheet.ts';
import type { AgentConnection } from './connection.ts';
import { type Refused, refuse } from './links.ts';

/** How long `labels` waits for something new. */
const WAIT_MS = 10_000;

export function serveAsking(connection: AgentConnection): void {
  const sessions = new Set<LabelSession>();
  const waiting = new Set<() => void>();
  const asking = { token: connection.token.id, connection: connection.id };

  connection.on('ask', askSchema, 'train', (ask) => {
    const subject = subjectOf(ask);
    if ('error' in subject) return subject;
    const states = statesOf(ask, subject);
    if ('error' in states) return states;
    const session = labelDesk.ask(ask.session, asking, subject, ask.round, states);
    if (session === 'of another token') {
      return refuse('no-session', `session ${ask.session} is another token's: choose another name for it`);
    }
    if (session === 'too many') return refuse('too-much', 'too many sessions are open: end one of them');
    sessions.add(session);
    return {};
  });

  connection.on(
    'labels',
    labelsSchema,
    'train',
    async ({ session: id, seen }): Promise<LabelsSoFar | Refused> => {
      const session = labelDesk.get(id);
      if (session === undefined || !sessions.has(session)) {
        return refuse(
          'no-session',
          `nothing is asked in session ${id} over this connection: send \`ask\` first`,
        );
      }
      if (session.version === seen) {
        await new Promise<void>((resolve) => {
          const done = () => {
            clearTimeout(timer);
            stop();
            waiting.delete(done);
            resolve();
          };
          const timer = setTimeout(done, WAIT_MS);
          const stop = session.listen(done);
          waiting.add(done);
        });
      }
      return { round: session.round, version: session.version, labels: session.sheet.labels };
    },
  );

  connection.onClose(() => {
    for (const done of [...waiting]) done();
    for (const session of sessions) labelDesk.leave(session, connection.id);
  });
}

/** What is asked about; only games on grids have windows to show. */
function subjectOf({ environment: name, options, title }: Ask): Subject | Refused {
  const definition = DILEMMAS.find((candidate) => candidate.name === name);
  if (definition === undefined) {
    return refuse(
      'bad-options',
      `${JSON.stringify(name)} has no windows to show, these have: ${DILEMMAS.map((known) => known.name).join(', ')}`,
    );
  }
  try {
    const { grid, actionSpec } = definition.create(parseOptions(definition, options));
    if (grid === null || actionSpec.kind !== 'discrete') {
      return refuse('bad-options', `${name} does not lie on a grid`);
    }
    return { title, environmentTitle: definition.title, actions: actionSpec.labels, window: grid.window };
  } catch (error) {
    if (error instanceof OptionsError) return refuse('bad-options', error.message);
    throw error;
  }
}

function statesOf({ states, observations }: Ask, { window, actions }: Subject): AskedState[] | Refused {
  const { ahead, behind, left, right } = window;
  const shape = [ahead + 1 + behind, left + 1 + right];
  const cells = elementsOf({ dtype: 'uint8', shape, low: 0, high: 255 });
  const frames = states.reduce((sum, state) => sum + state.frames, 0);
  if (observations.length !== frames * cells) {
    return refuse(
      'wrong-length',
      `observations have ${observations.length} bytes, ${frames} frames of ${shape.join(' x ')} take ${frames * cells}`,
    );
  }
  const wrong = states.findIndex(({ probabilities }) => probabilities.length !== actions.length);
  if (wrong >= 0) {
    return refuse(
      'wrong-length',
      `states.${wrong}.probabilities has ${states[wrong]!.probabilities.length} numbers, there are ${actions.length} actions`,
    );
  }
  let at = 0;
  return states.map(({ frames: count, probabilities }) => {
    // Its own memory: what came in may be written to again.
    const own = Uint8Array.from(observations.subarray(at, at + count * cells));
    at += count * cells;
    return { frames: count, observations: own, probabilities };
  });
}

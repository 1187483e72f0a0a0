/** Policies from where they lie: a folder with a card, a run, a checkpoint, or the zoo. ONNX Runtime carries them. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { CARD_FILE, type PolicyCard, PolicyError } from './card.ts';
import { type PolicyFiles, readFiles } from './files.ts';
import { callMemory, type ModelCall, modelMemory, type Policy, type PolicyCall } from './policy.ts';

/** What makes a folder that of a run. */
const RUN_FILE = 'run.json';

/** One thread: at these sizes a second one makes calls slower. */
const SESSION: ort.InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  logSeverityLevel: 3,
};

/**
 * @param path a folder that has a policy; a run's folder, for what it knew last; or a checkpoint of a run.
 * @throws {PolicyError | TrainingUsageError} for what is none, saying what was looked for.
 */
export async function loadPolicy(path: string): Promise<Policy> {
  return openPolicy(await readPolicy(path), path);
}

/** The files of a policy, checked, not yet opened: see `loadPolicy`. */
export async function readPolicy(path: string): Promise<PolicyFiles> {
  if (!existsSync(path)) throw new PolicyError(`${path} does not exist`);
  const folder = statSync(path).isDirectory();
  if (folder && existsSync(join(path, CARD_FILE))) return readFiles(path);
  if (folder && !existsSync(join(path, RUN_FILE))) {
    throw new PolicyError(`${path} is no policy and no run: it has neither ${CARD_FILE} nor ${RUN_FILE}`);
  }
  // Only who makes a file of a checkpoint waits for what that takes, which is all of tfjs.
  const [{ readSnapshot }, { policyFiles }] = await Promise.all([
    import('./snapshot.ts'),
    import('./write.ts'),
  ]);
  return policyFiles(readSnapshot(path));
}

/** @param source what errors call it. @throws {PolicyError} */
export async function openPolicy({ card, networks, models }: PolicyFiles, source: string): Promise<Policy> {
  const opened = (files: PolicyCard['files'], contents: readonly Uint8Array[], ends: Ends) =>
    Promise.all(
      files.map(async ({ name }, k) => {
        const session = await open(contents[k]!, `${source}, ${name}`);
        checkEnds(session, ends, `${source}, ${name}`);
        return session;
      }),
    );
  const sessions = await opened(card.files, networks, endsOf(card));
  const modelSessions = await opened(card.moa?.files ?? [], models, MODEL_ENDS);
  return {
    card,
    call: (rows, player = 0) => bind(sessions[player % sessions.length]!, card, rows),
    model(rows, player = 0) {
      const memory = modelMemory(card, rows);
      return bindModel(modelSessions[player % modelSessions.length]!, card, memory);
    },
    async release() {
      await Promise.all([...sessions, ...modelSessions].map((session) => session.release()));
    },
  };
}

async function open(bytes: Uint8Array, source: string): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(bytes, SESSION);
  } catch (error) {
    throw new PolicyError(`${source}: ONNX Runtime cannot open it: ${(error as Error).message}`);
  }
}

interface Ends {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

const endsOf = ({ stateSize, signals, symbols }: PolicyCard): Ends => ({
  inputs: ['observation', ...(stateSize > 0 ? ['state'] : []), ...signals.map(({ name }) => name)],
  outputs: [
    'probabilities',
    'value',
    ...(stateSize > 0 ? ['nextState'] : []),
    ...(symbols > 0 ? ['symbolProbabilities'] : []),
  ],
});

const MODEL_ENDS: Ends = {
  inputs: ['observation', 'joint', 'pi', 'state'],
  outputs: ['predictions', 'influence', 'nextState'],
};

/** @throws {PolicyError} for a file with other inputs or outputs than its card says. */
function checkEnds(session: ort.InferenceSession, { inputs, outputs }: Ends, source: string): void {
  const ends = [
    ['input', session.inputNames, inputs],
    ['output', session.outputNames, outputs],
  ] as const;
  for (const [what, found, needed] of ends) {
    const missing = needed.find((name) => !found.includes(name));
    if (missing !== undefined) {
      throw new PolicyError(`${source} has no ${what} ${missing}, only ${found.join(', ')}`);
    }
  }
}

const float = (data: Float32Array, ...sides: number[]) => new ort.Tensor('float32', data, sides);

/** A card's observations as a tensor. */
function observed({ observation }: PolicyCard, data: Uint8Array | Float32Array, rows: number): ort.Tensor {
  const { dtype, shape } = observation;
  return new ort.Tensor(dtype as 'float32', data as Float32Array, [rows, ...shape]);
}

function bind(session: ort.InferenceSession, card: PolicyCard, rows: number): PolicyCall {
  const memory = callMemory(card, rows);
  const { actions, stateSize } = card;
  const feeds: Record<string, ort.Tensor> = {
    observation: observed(card, memory.observation, rows),
    ...(stateSize === 0 ? {} : { state: float(memory.state, rows, stateSize) }),
    ...Object.fromEntries(
      card.signals.map(({ name, slots }) => [
        name,
        new ort.Tensor('uint8', memory.signals[name]!, [rows, slots]),
      ]),
    ),
  };
  const fetches: Record<string, ort.Tensor> = {
    probabilities: float(memory.probabilities, rows, actions.length),
    value: float(memory.value, rows),
    ...(stateSize === 0 ? {} : { nextState: float(memory.nextState, rows, stateSize) }),
    ...(card.symbols === 0
      ? {}
      : { symbolProbabilities: float(memory.symbolProbabilities, rows, card.symbols) }),
  };
  return {
    ...memory,
    async run() {
      await session.run(feeds, fetches);
    },
  };
}

function bindModel(
  session: ort.InferenceSession,
  card: PolicyCard,
  memory: ReturnType<typeof modelMemory>,
): ModelCall {
  const { rows } = memory;
  const { players, actions } = card;
  const others = players - 1;
  const stateSize = memory.state.length / rows;
  const feeds = {
    observation: observed(card, memory.observation, rows),
    joint: new ort.Tensor('uint8', memory.joint, [rows, players]),
    pi: float(memory.pi, rows, actions.length),
    state: float(memory.state, rows, stateSize),
  };
  const fetches = {
    predictions: float(memory.predictions, rows, others, actions.length),
    influence: float(memory.influence, rows, others),
    nextState: float(memory.nextState, rows, stateSize),
  };
  return {
    ...memory,
    async run() {
      await session.run(feeds, fetches);
    },
  };
}

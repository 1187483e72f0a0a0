/**
 * DAgger's teacher: every so many iterations an expert says what it would have done in states that the current policy came
 * to, and that joins the demonstrations. A round that is interrupted ends with what has been answered.
 */
import type { Saved } from '../algorithms/algorithm.ts';
import { argmax } from '../math/sample.ts';
import type { Expert } from './experts.ts';
import type { ImitationShard, Teacher } from './learner.ts';
import { type Choosing, chooseVisited, type Visited } from './visited.ts';

export interface TeachingOptions extends Choosing {
  /** Iterations between rounds. */
  readonly every: number;
  /** Whether there are demonstrations to begin with: then nothing is asked before these have been learned from. */
  readonly seeded: boolean;
}

/** What the expert said of a state. */
interface Answer {
  readonly state: Visited;
  readonly action: number;
}

interface Lesson {
  readonly answers: Answer[];
  /** Of those since it was measured, how many the policy's most likely action was right for, and how many there were. */
  agreed: number;
  asked: number;
}

export class ExpertTeacher implements Teacher {
  readonly names = ['dagger/agreement', 'dagger/labels'];
  readonly #options: TeachingOptions;
  readonly #expert: Expert;
  readonly #lessons: readonly Lesson[];
  /** N where last actions are revealed, else 0. */
  readonly #others: number;
  /** Whether the network has a memory, that the steps before a state fill. */
  readonly #memory: boolean;
  #interrupted = false;

  constructor(options: TeachingOptions, expert: Expert, shards: number, others: number, memory: boolean) {
    this.#options = options;
    this.#expert = expert;
    this.#others = others;
    this.#memory = memory;
    this.#lessons = Array.from({ length: shards }, () => ({ answers: [], agreed: 0, asked: 0 }));
  }

  async teach(shard: ImitationShard, index: number, iteration: number): Promise<void> {
    const { every, seeded } = this.#options;
    // Nobody is asked again at once who has passed everything over.
    if (iteration % every !== 0 || (seeded && iteration === 0) || this.#interrupted) return;
    const lesson = this.#lessons[index]!;
    const { collector } = shard;
    const states = chooseVisited(collector.rollout, this.#options, collector.random);
    const round = iteration / every - (seeded ? 1 : 0);
    const labels = await this.#expert.label(states, collector.rollout, collector.random, round);
    labels.forEach((label, k) => {
      const state = this.#memory ? states[k]! : lastFrame(states[k]!);
      if (label !== null) this.#add(shard, lesson, { state, action: label });
    });
  }

  #add(shard: ImitationShard, lesson: Lesson, answer: Answer): void {
    const { probabilities } = answer.state;
    lesson.asked++;
    if (argmax(probabilities, 0, probabilities.length) === answer.action) lesson.agreed++;
    this.#learn(shard, answer);
    lesson.answers.push(answer);
  }

  #learn({ data }: ImitationShard, { state, action }: Answer): void {
    const { steps, observations, lastActions } = state;
    const actions = new Uint8Array(steps);
    const counts = new Uint8Array(steps);
    actions[steps - 1] = action;
    counts[steps - 1] = 1;
    data.addClip({ steps, observations, actions, counts, lastActions });
  }

  take(row: Float64Array, at: number, index: number): void {
    const lesson = this.#lessons[index]!;
    row[at] = lesson.agreed;
    row[at + 1] = lesson.asked;
    row[at + 2] = lesson.answers.length;
    row[at + 3] = 1;
    lesson.agreed = 0;
    lesson.asked = 0;
  }

  interrupt(): void {
    this.#interrupted = true;
    this.#expert.interrupt();
  }

  close(): void {
    this.#expert.close();
  }

  /** Of L labels: steps of each, then the samples of all, one behind the other. */
  save(index: number): Saved {
    const { answers } = this.#lessons[index]!;
    const joined = (part: (answer: Answer) => Uint8Array) =>
      Uint8Array.from(Buffer.concat(answers.map(part)));
    return {
      labelSteps: Uint32Array.from(answers.map(({ state }) => state.steps)),
      labelActions: Uint8Array.from(answers.map(({ action }) => action)),
      labelObservations: joined(({ state }) => state.observations),
      labelLastActions: joined(({ state }) => state.lastActions),
    };
  }

  /** @throws {Error} for labels of something else. */
  load(index: number, shard: ImitationShard, saved: Saved): void {
    const { labelSteps, labelActions, labelObservations, labelLastActions } = saved as Record<
      string,
      Uint8Array
    >;
    if (!labelSteps || !labelActions || !labelObservations || !labelLastActions) {
      throw new Error('labels are missing');
    }
    const { elements } = shard.data.shape;
    const lesson = this.#lessons[index]!;
    let at = 0;
    labelSteps.forEach((steps, k) => {
      const state: Visited = {
        steps,
        observations: labelObservations.slice(at * elements, (at + steps) * elements),
        lastActions: labelLastActions.slice(at * this.#others, (at + steps) * this.#others),
        probabilities: new Float32Array(0),
        step: 0,
        column: 0,
      };
      const answer = { state, action: labelActions[k]! };
      this.#learn(shard, answer);
      lesson.answers.push(answer);
      at += steps;
    });
  }
}

/** Without what came before it. */
function lastFrame(state: Visited): Visited {
  const last = (array: Uint8Array) => array.subarray(array.length - array.length / state.steps);
  return {
    ...state,
    steps: 1,
    observations: last(state.observations),
    lastActions: last(state.lastActions),
  };
}

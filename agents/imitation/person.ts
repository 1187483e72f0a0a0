/** People as experts: states go to an arena, where whoever has the link says what they would have done. */
import { randomBytes } from 'node:crypto';
import type { AskInput, LabelsSoFar } from '../../shared/protocol/agents/gateway.ts';
import type { Task } from '../algorithms/algorithm.ts';
import { Channel } from '../client/channel.ts';
import { ArenaError } from '../client/errors.ts';
import { follow } from '../remote/follow.ts';
import type { ArenaLine } from '../remote/settings.ts';
import type { Expert, Label } from './experts.ts';
import type { Visited } from './visited.ts';

export interface AskedWhere extends Pick<ArenaLine, 'url' | 'token' | 'patience' | 'hear'> {
  /** Told where to go, before people are asked for the first time. */
  readonly announce: (link: string) => void;
}

export class PersonExpert implements Expert {
  readonly #task: Task;
  readonly #where: AskedWhere;
  readonly #title: string;
  readonly #session = randomBytes(9).toString('base64url');
  #channel: Channel | null = null;
  #stop: (() => void) | null = null;
  #announced = false;

  constructor(task: Task, where: AskedWhere, title: string) {
    this.#task = task;
    this.#where = where;
    this.#title = title;
  }

  async label(
    states: readonly Visited[],
    _rollout: unknown,
    _random: unknown,
    round: number,
  ): Promise<Label[]> {
    const channel = this.#connect();
    const { definition, options } = this.#task;
    const ask: AskInput = {
      session: this.#session,
      title: this.#title,
      environment: definition.name,
      options: { ...options },
      round,
      states: states.map(({ steps, probabilities }) => ({
        frames: steps,
        probabilities: Array.from(probabilities, (p) => Math.min(1, Math.max(0, p))),
      })),
      observations: Uint8Array.from(Buffer.concat(states.map(({ observations }) => observations))),
    };
    let labels: readonly (number | null)[] = states.map(() => null);
    let seen = 0;
    const stopped = new Promise<null>((resolve) => {
      this.#stop = () => resolve(null);
    });
    for (let asked = false; labels.includes(null); ) {
      // Once the connection is over for good, this says so.
      await channel.ready();
      try {
        // Also after the connection was lost: the arena knows the round, and what was said in it, for a while.
        if (!asked) await channel.ask('ask', ask);
        if (!asked) this.#announce(channel);
        asked = true;
        const answer = await Promise.race([
          channel.ask<LabelsSoFar>('labels', { session: this.#session, seen }),
          stopped,
        ]);
        if (answer === null) break;
        if (answer.round !== round) throw new Error(`the arena is at round ${answer.round}, not ${round}`);
        seen = answer.version;
        labels = answer.labels;
      } catch (error) {
        if (!(error instanceof ArenaError) || !LOST.includes(error.code)) throw error;
        asked = false;
        seen = 0;
      }
    }
    // What was passed over is learned as little from as what is open.
    return labels.map((label) => (label === null || label < 0 ? null : label));
  }

  interrupt(): void {
    this.#stop?.();
  }

  close(): void {
    this.#channel?.close();
  }

  #connect(): Channel {
    if (this.#channel !== null) return this.#channel;
    const { url, token, patience, hear } = this.#where;
    const channel = new Channel({ url, token, patience });
    if (hear !== undefined) follow(channel, hear);
    this.#channel = channel;
    return channel;
  }

  #announce({ url }: Channel): void {
    if (this.#announced) return;
    this.#announced = true;
    this.#where.announce(`${url}#/label/${this.#session}`);
  }
}

/** Codes of connections that are tried again. */
const LOST: readonly string[] = ['disconnected', 'no-session'];

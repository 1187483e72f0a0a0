/** A connection that trains: private environments in batches, stepped as fast as both sides go. */
import { OptionsError } from '../../shared/definition.ts';
import {
  batchSchema,
  loadSchema,
  type Open,
  type Opened,
  openSchema,
  resetSchema,
} from '../../shared/protocol/agents/index.ts';
import { definitionOf } from '../../shared/registry.ts';
import { RateLimit } from '../rate-limit.ts';
import { Batch } from './batch.ts';
import type { AgentConnection } from './connection.ts';
import type { Holdings } from './limits.ts';
import { type Refused, refuse } from './links.ts';

const NUMBERS = 65_536;

export class TrainerSession {
  readonly #connection: AgentConnection;
  readonly #batches = new Map<number, Batch>();
  readonly #opens: RateLimit;
  #held: Holdings = { environments: 0, bytes: 0 };
  #next = 0;

  /** @param key of this arena, that states are signed with. */
  constructor(connection: AgentConnection, key: () => Uint8Array) {
    this.#connection = connection;
    this.#opens = new RateLimit(connection.accounts.limits.opens);
    connection.on('open', openSchema, 'train', (message) => this.#open(message));
    connection.on('reset', resetSchema, 'train', ({ batch, environments, seeds }) =>
      this.#with(batch, (found) => found.reset(environments, seeds, connection.idle)),
    );
    connection.on('save', batchSchema, 'train', ({ batch }) =>
      this.#with(batch, (found) => found.save(key())),
    );
    connection.on('load', loadSchema, 'train', ({ batch, state }) =>
      this.#with(batch, (found) => found.load(key(), state, connection.idle)),
    );
    connection.on('close', batchSchema, 'train', ({ batch }) =>
      this.#with(batch, (found) => {
        this.#batches.delete(batch);
        this.#free(found);
        return {};
      }),
    );
    connection.onBytes('step', 'train', (bytes) => this.#step(bytes));
    connection.onClose(() => {
      this.#batches.clear();
      this.#free(this.#held);
    });
  }

  #open(message: Open): Opened | Refused {
    if (this.#opens.admit(performance.now()) !== 'admitted') {
      return refuse(
        'too-fast',
        `at most ${this.#opens.perSecond} batches a second are opened for a connection`,
      );
    }
    const { accounts, token } = this.#connection;
    const error = accounts.environmentsRefusal(token.id, this.#held, message.environments);
    if (error !== null) return { error };
    while (this.#batches.has(this.#next)) this.#next = (this.#next + 1) % NUMBERS;
    const number = this.#next;
    try {
      const batch = Batch.open(number, definitionOf(message.environment), message, (bytes) =>
        accounts.memoryRefusal(token.id, this.#held, bytes),
      );
      if ('error' in batch) return batch;
      this.#batches.set(number, batch);
      accounts.open(token.id, batch);
      this.#held = sum(this.#held, batch, 1);
      this.#next = (number + 1) % NUMBERS;
      return batch.opened;
    } catch (fault) {
      if (fault instanceof OptionsError) return refuse('bad-options', fault.message);
      throw fault;
    }
  }

  #step(bytes: Uint8Array): Uint8Array | Refused {
    if (bytes.length < 2)
      return refuse('wrong-length', `step has ${bytes.length} bytes, and begins with 2 of a batch`);
    const number = bytes[0]! | (bytes[1]! << 8);
    const batch = this.#batches.get(number);
    if (batch === undefined) return noBatch(number);
    const answer = batch.step(bytes, this.#connection.idle);
    if (!('error' in answer)) this.#connection.accounts.steps += batch.environments;
    return answer;
  }

  #with<T>(number: number, use: (batch: Batch) => T | Refused): T | Refused {
    const batch = this.#batches.get(number);
    return batch === undefined ? noBatch(number) : use(batch);
  }

  #free(held: Holdings): void {
    this.#connection.accounts.close(this.#connection.token.id, held);
    this.#held = sum(this.#held, held, -1);
  }
}

function sum(held: Holdings, { environments, bytes }: Holdings, sign: 1 | -1): Holdings {
  return { environments: held.environments + sign * environments, bytes: held.bytes + sign * bytes };
}

function noBatch(number: number): Refused {
  return refuse('no-batch', `there is no batch ${number} on this connection: \`open\` first`);
}

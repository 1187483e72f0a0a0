/** What agents may use: limits, and who uses how much. */
import type { AgentError } from '../../shared/protocol/agents/index.ts';
import type { ServeConfig } from '../config.ts';

export interface GatewayLimits {
  /** Connections in all, and of one token. */
  readonly connections: number;
  readonly tokenConnections: number;
  /** Private environments of one connection, and of one token. */
  readonly environments: number;
  readonly tokenEnvironments: number;
  /** Bytes that these take, with their frames and states, of one connection and of one token. */
  readonly memory: number;
  readonly tokenMemory: number;
  /** Of one connection, a second: events in JSON, `open` among them, and bytes of everything. */
  readonly messages: number;
  readonly opens: number;
  readonly bytes: number;
  /** How long a connection may leave unread what it is sent. */
  readonly stallMs: number;
}

const MIB = 1 << 20;

export function limitsOf(config: ServeConfig): GatewayLimits {
  return {
    connections: config.agentConnections,
    tokenConnections: config.tokenConnections,
    environments: config.agentEnvironments,
    tokenEnvironments: config.tokenEnvironments,
    memory: config.agentMemory * MIB,
    tokenMemory: config.tokenMemory * MIB,
    messages: config.agentMessages,
    opens: config.agentOpens,
    bytes: config.agentBytes * 1_000_000,
    stallMs: config.agentStall * 1000,
  };
}

/** What a batch takes, and what all batches of a connection or of a token do. */
export interface Holdings {
  readonly environments: number;
  readonly bytes: number;
}

interface Account {
  connections: number;
  environments: number;
  bytes: number;
}

/** What all connections of all tokens hold. */
export class Accounts {
  readonly limits: GatewayLimits;
  readonly #byToken = new Map<string, Account>();
  connections = 0;
  environments = 0;
  /** Of all environments. */
  bytes = 0;
  /** Environment steps made for trainers so far. */
  steps = 0;

  constructor(limits: GatewayLimits) {
    this.limits = limits;
  }

  /** Why a token gets no further connection, or null. */
  refusal(token: string): AgentError | null {
    const { connections, tokenConnections } = this.limits;
    const full = this.connections >= connections;
    if (!full && (this.#byToken.get(token)?.connections ?? 0) < tokenConnections) return null;
    const message = full
      ? `the arena has ${connections} connections of agents, as many as it takes: try again later`
      : `the token has ${tokenConnections} connections, as many as it may: close one`;
    return { code: 'too-many-connections', message };
  }

  /** Counts a connection, until `disconnect`. */
  connect(token: string): void {
    const account = this.#byToken.get(token) ?? { connections: 0, environments: 0, bytes: 0 };
    account.connections++;
    this.connections++;
    this.#byToken.set(token, account);
  }

  disconnect(token: string): void {
    const account = this.#byToken.get(token)!;
    this.connections--;
    if (--account.connections === 0) this.#byToken.delete(token);
  }

  /** Why a token gets no further environments, or null. @param own what the connection holds already. */
  environmentsRefusal(token: string, own: Holdings, environments: number): AgentError | null {
    const refuse = (who: string, limit: number, open: number): AgentError => ({
      code: 'too-many-environments',
      message: `${who} may have ${limit} environments open, ${open} are: ${environments} more do not fit`,
    });
    const { limits } = this;
    if (own.environments + environments > limits.environments)
      return refuse('a connection', limits.environments, own.environments);
    const { environments: open } = this.#byToken.get(token)!;
    return open + environments > limits.tokenEnvironments
      ? refuse('a token', limits.tokenEnvironments, open)
      : null;
  }

  /** Why a token gets no further memory, or null. @param own what the connection holds already. */
  memoryRefusal(token: string, own: Holdings, bytes: number): AgentError | null {
    const refuse = (who: string, limit: number, taken: number): AgentError => ({
      code: 'too-much',
      message: `the batch takes ${inMiB(bytes)}, and ${who} may take ${inMiB(limit)}, of which ${inMiB(taken)} are taken: open fewer environments, or of a smaller map or window, or close others`,
    });
    const { limits } = this;
    if (own.bytes + bytes > limits.memory) return refuse('a connection', limits.memory, own.bytes);
    const { bytes: taken } = this.#byToken.get(token)!;
    return taken + bytes > limits.tokenMemory ? refuse('a token', limits.tokenMemory, taken) : null;
  }

  /** Counts a batch, until `close`. */
  open(token: string, { environments, bytes }: Holdings): void {
    const account = this.#byToken.get(token)!;
    account.environments += environments;
    account.bytes += bytes;
    this.environments += environments;
    this.bytes += bytes;
  }

  /** Before `disconnect`. */
  close(token: string, { environments, bytes }: Holdings): void {
    const account = this.#byToken.get(token)!;
    account.environments -= environments;
    account.bytes -= bytes;
    this.environments -= environments;
    this.bytes -= bytes;
  }
}

const inMiB = (bytes: number) => `${(bytes / MIB).toFixed(1)} MiB`;

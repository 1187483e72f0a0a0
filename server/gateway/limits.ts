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
  /** Of one connection, a second: events in JSON, `open` among them, and bytes of everything. */
  readonly messages: number;
  readonly opens: number;
  readonly bytes: number;
  /** How long a connection may leave unread what it is sent. */
  readonly stallMs: number;
}

export function limitsOf(config: ServeConfig): GatewayLimits {
  return {
    connections: config.agentConnections,
    tokenConnections: config.tokenConnections,
    environments: config.agentEnvironments,
    tokenEnvironments: config.tokenEnvironments,
    messages: config.agentMessages,
    opens: config.agentOpens,
    bytes: config.agentBytes * 1_000_000,
    stallMs: config.agentStall * 1000,
  };
}

interface Account {
  connections: number;
  environments: number;
}

/** What all connections of all tokens hold. */
export class Accounts {
  readonly limits: GatewayLimits;
  readonly #byToken = new Map<string, Account>();
  connections = 0;
  environments = 0;
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
    const account = this.#byToken.get(token) ?? { connections: 0, environments: 0 };
    account.connections++;
    this.connections++;
    this.#byToken.set(token, account);
  }

  disconnect(token: string): void {
    const account = this.#byToken.get(token)!;
    this.connections--;
    if (--account.connections === 0) this.#byToken.delete(token);
  }

  /** @param own environments that the connection has open. @returns why not, or null: then `close` gives them back. */
  open(token: string, own: number, environments: number): AgentError | null {
    const account = this.#byToken.get(token)!;
    const limits = this.limits;
    const refuse = (who: string, limit: number, open: number): AgentError => ({
      code: 'too-many-environments',
      message: `${who} may have ${limit} environments open, ${open} are: ${environments} more do not fit`,
    });
    if (own + environments > limits.environments) return refuse('a connection', limits.environments, own);
    if (account.environments + environments > limits.tokenEnvironments)
      return refuse('a token', limits.tokenEnvironments, account.environments);
    account.environments += environments;
    this.environments += environments;
    return null;
  }

  /** Before `disconnect`. */
  close(token: string, environments: number): void {
    this.#byToken.get(token)!.environments -= environments;
    this.environments -= environments;
  }
}

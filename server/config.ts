/** What `arena serve` can be told, by flag or by environment variable, checked before anything starts. */
import * as z from 'zod';

/** A command that cannot be carried out as given: printed without a stack, exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** A whole number given as text. */
export function whole(low: number, high: number) {
  const error = `must be a whole number from ${low} to ${high}`;
  const digits = z.string().regex(/^\d+$/, { error }).transform(Number);
  return z
    .union([z.number(), digits], { error })
    .pipe(z.int({ error }).min(low, { error }).max(high, { error }));
}

/** @throws {UsageError} naming the first flag that is wrong. */
export function parseFlags<S extends z.ZodType>(schema: S, raw: unknown): z.output<S> {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new UsageError(`--${String(path[0])}: ${message}`);
}

export const serveSchema = z.strictObject({
  /** 0 takes a free port. */
  port: whole(0, 65535).default(2567),
  host: z.string().min(1).default('127.0.0.1'),
  demo: z.boolean().default(true),
  maxRooms: whole(1, 100_000).default(500),
  maxClients: whole(1, 100_000).default(2000),
  /** Folder of what the arena keeps: tokens, recordings, policies of its own. */
  data: z.string().min(1).default('data'),
  /** Folder of trained policies that seats can be filled with, beside the zoo; `policies` in `data` by default. */
  policies: z.string().min(1).optional(),
  /** Threads that run them. */
  policyWorkers: whole(1, 64).default(1),
  /** Connections of agents in all, and of one token. */
  agentConnections: whole(1, 100_000).default(1000),
  tokenConnections: whole(1, 100_000).default(64),
  tokenRooms: whole(0, 100_000).default(32),
  /** Private environments of a connection of a trainer, and of one token. */
  agentEnvironments: whole(1, 1_000_000).default(1024),
  tokenEnvironments: whole(1, 1_000_000).default(4096),
  /** MiB that these may take, with their frames and states. */
  agentMemory: whole(1, 1_000_000).default(256),
  tokenMemory: whole(1, 1_000_000).default(1024),
  /** Of a connection of an agent, a second: events but steps and actions, batches opened, and megabytes of everything. */
  agentMessages: whole(1, 100_000).default(200),
  agentOpens: whole(1, 10_000).default(10),
  agentBytes: whole(1, 10_000).default(16),
  /** Seconds that an agent may leave unread what it is sent. */
  agentStall: whole(1, 600).default(20),
});

export type ServeConfig = z.infer<typeof serveSchema>;

/** Variables that stand in for flags, by the field that they set. */
const VARIABLES: Readonly<Record<string, string>> = {
  port: 'ARENA_PORT',
  host: 'ARENA_HOST',
  maxRooms: 'ARENA_MAX_ROOMS',
  maxClients: 'ARENA_MAX_CLIENTS',
  data: 'ARENA_DATA',
  policies: 'ARENA_POLICIES',
  policyWorkers: 'ARENA_POLICY_WORKERS',
  agentConnections: 'ARENA_AGENT_CONNECTIONS',
  tokenConnections: 'ARENA_TOKEN_CONNECTIONS',
  tokenRooms: 'ARENA_TOKEN_ROOMS',
  agentEnvironments: 'ARENA_AGENT_ENVIRONMENTS',
  tokenEnvironments: 'ARENA_TOKEN_ENVIRONMENTS',
  agentMemory: 'ARENA_AGENT_MEMORY',
  tokenMemory: 'ARENA_TOKEN_MEMORY',
  agentMessages: 'ARENA_AGENT_MESSAGES',
  agentOpens: 'ARENA_AGENT_OPENS',
  agentBytes: 'ARENA_AGENT_BYTES',
  agentStall: 'ARENA_AGENT_STALL',
};

/** @param flags as given on the command line; they win over variables. @throws {UsageError} that names the source. */
export function serveConfig(flags: Record<string, unknown>, variables: NodeJS.ProcessEnv): ServeConfig {
  const given: Record<string, unknown> = {};
  for (const [field, variable] of Object.entries(VARIABLES)) {
    const value = variables[variable];
    if (value !== undefined && value !== '') given[field] = value;
  }
  for (const [field, value] of Object.entries(flags)) if (value !== undefined) given[field] = value;
  const result = serveSchema.safeParse(given);
  if (result.success) return result.data;
  const field = String(result.error.issues[0]!.path[0]);
  const fromVariable = flags[field] === undefined && VARIABLES[field] !== undefined;
  const source = fromVariable
    ? VARIABLES[field]
    : `--${field.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;
  throw new UsageError(`${source} is ${JSON.stringify(given[field])}: ${result.error.issues[0]!.message}`);
}

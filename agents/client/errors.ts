/** What goes wrong between an agent and the arena, with a code to tell it by. */
import type { AgentCode, AgentError } from '../../shared/protocol/agents/gateway.ts';

/**
 * Codes of the client's own, beside those of the arena. `unreachable`: there is no arena at the address; `disconnected`: the
 * connection was lost; `closed`: closed here; `busy`: an earlier call is still under way; `bad-answer`: no answer of this
 * protocol; `bad-address`: no address of an arena.
 */
export const CLIENT_CODES = [
  'unreachable',
  'disconnected',
  'closed',
  'busy',
  'bad-answer',
  'bad-address',
] as const;
export type ClientCode = (typeof CLIENT_CODES)[number];

export class ArenaError extends Error {
  override name = 'ArenaError';
  readonly code: AgentCode | ClientCode;

  constructor(code: AgentCode | ClientCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What the arena says of something that it did not do; null for anything else. */
export function errorIn(answer: unknown): AgentError | null {
  if (typeof answer !== 'object' || answer === null || !('error' in answer)) return null;
  const { error } = answer as { error: Partial<AgentError> | null };
  if (typeof error?.code !== 'string' || typeof error.message !== 'string') return null;
  return error as AgentError;
}

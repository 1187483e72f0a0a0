/** Structured logs, one JSON object a line on standard error, so that standard output stays for what a command answers. */
import { pino } from 'pino';
import { UsageError } from './config.ts';

const LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'];
const level = process.env.ARENA_LOG ?? 'info';
if (!LEVELS.includes(level)) {
  throw new UsageError(`ARENA_LOG is ${JSON.stringify(level)}: choose one of ${LEVELS.join(', ')}`);
}

export const log = pino({ name: 'arena', level }, pino.destination(2));

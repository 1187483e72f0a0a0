/** Structured logs, one JSON object a line on standard error, so that standard output stays for what a command answers. */
import { pino } from 'pino';

export const log = pino({ name: 'arena', level: process.env['ARENA_LOG'] ?? 'info' }, pino.destination(2));

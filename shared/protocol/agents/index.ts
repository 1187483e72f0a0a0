/** Everything that crosses the wire between the arena and agents. */
export * from './gateway.ts';
export * from './packing.ts';
export * from './play.ts';
export * from './steps.ts';

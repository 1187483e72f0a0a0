/** One place for everything that crosses the wire between the arena and those who watch and play. */
export * from './agents/index.ts';
export * from './messages.ts';
export * from './minds.ts';
export * from './mirror.ts';
export * from './policies.ts';
export * from './rooms.ts';
export * from './ticks.ts';

/** What `/metrics` tells Prometheus; names in its conventions, times in seconds. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { directory } from './directory.ts';

export const registry = new Registry();
collectDefaultMetrics({ register: registry });

new Gauge({
  name: 'arena_rooms',
  help: 'Rooms that exist, by environment',
  labelNames: ['environment'],
  registers: [registry],
  collect() {
    this.reset();
    for (const room of directory.rooms) this.inc({ environment: room.summary().environment });
  },
});

new Gauge({
  name: 'arena_clients',
  help: 'Connected clients, by role',
  labelNames: ['role'],
  registers: [registry],
  collect() {
    let players = 0;
    let spectators = 0;
    for (const room of directory.rooms) {
      const summary = room.summary();
      players += summary.humans;
      spectators += summary.spectators;
    }
    this.set({ role: 'player' }, players);
    this.set({ role: 'spectator' }, spectators);
    this.set({ role: 'lobby' }, directory.lobbyClients);
  },
});

export const tickLateness = new Histogram({
  name: 'arena_tick_lateness_seconds',
  help: 'How late ticks of realtime rooms came',
  buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1],
  registers: [registry],
});

export const stepTime = new Histogram({
  name: 'arena_step_seconds',
  help: 'Time of one tick: bots, rules, encoding and sending',
  buckets: [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05],
  registers: [registry],
});

export const bytesOut = new Counter({
  name: 'arena_bytes_out_total',
  help: 'Bytes of messages sent to clients of arena rooms, WebSocket framing not counted',
  registers: [registry],
});

export const refusals = new Counter({
  name: 'arena_refusals_total',
  help: 'Messages from clients that were refused, by code',
  labelNames: ['code'],
  registers: [registry],
});

/** Who is connected and what they hold, once there is a gateway. */
export const gatewayCounts: {
  current: {
    readonly connections: number;
    readonly environments: number;
    readonly bytes: number;
    readonly steps: number;
  };
} = { current: { connections: 0, environments: 0, bytes: 0, steps: 0 } };

new Gauge({
  name: 'arena_agent_connections',
  help: 'Connections of agents',
  registers: [registry],
  collect() {
    this.set(gatewayCounts.current.connections);
  },
});

new Gauge({
  name: 'arena_agent_environments',
  help: 'Private environments of trainers',
  registers: [registry],
  collect() {
    this.set(gatewayCounts.current.environments);
  },
});

new Gauge({
  name: 'arena_agent_environment_bytes',
  help: 'Memory of private environments of trainers, with their frames and states',
  registers: [registry],
  collect() {
    this.set(gatewayCounts.current.bytes);
  },
});

new Counter({
  name: 'arena_agent_steps_total',
  help: 'Environment steps made for trainers',
  registers: [registry],
  // Counted where the steps are made, thousands of times a second; read here.
  collect() {
    this.reset();
    this.inc(gatewayCounts.current.steps);
  },
});

export const policyTime = new Histogram({
  name: 'arena_policy_seconds',
  help: 'From what a trained player sees to what it does, by policy',
  labelNames: ['policy'],
  buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5],
  registers: [registry],
});

export const policyActions = new Counter({
  name: 'arena_policy_actions_total',
  help: 'Actions of trained players that came in time, by policy',
  labelNames: ['policy'],
  registers: [registry],
});

export const policyLate = new Counter({
  name: 'arena_policy_late_total',
  help: 'Ticks in which a trained player stayed because its policy had no action in time, by policy',
  labelNames: ['policy'],
  registers: [registry],
});

export const policyCalls = new Counter({
  name: 'arena_policy_calls_total',
  help: 'Calls of networks for trained players',
  registers: [registry],
});

export const policyRows = new Counter({
  name: 'arena_policy_rows_total',
  help: 'Rows of these calls that had a player in them',
  registers: [registry],
});

export const policySlow = new Counter({
  name: 'arena_policy_slow_total',
  help: 'Times that a policy was put apart from the others because its calls took too long, by policy',
  labelNames: ['policy'],
  registers: [registry],
});

export const policyRestarts = new Counter({
  name: 'arena_policy_restarts_total',
  help: 'Threads of policies that failed or got stuck and were replaced',
  registers: [registry],
});

/**
 * The trained players of a room: what they see is asked before each step, and what is answered goes into the same slots as
 * everybody's actions. An answer that comes too late changes nothing: the player stays for that tick.
 */
import { type Environment, elementsOf } from '../../shared/environment.ts';
import { ByteWriter } from '../../shared/protocol/bytes.ts';
import { encodeMind } from '../../shared/protocol/index.ts';
import type { Match } from '../match.ts';
import { policyActions, policyLate, policyTime } from '../metrics.ts';
import type { OpenPolicy } from './index.ts';
import type { Answer, Ask, Group, Thought } from './messages.ts';
import type { Asker, PolicyHost } from './runner.ts';

/** Of a tick's time, the share that an answer may be held back for company; and the most of it, in milliseconds. */
const PATIENT_SHARE = 1 / 8;
const LONGEST_PATIENCE_MS = 10;

/** A group of an ask, with what fills it. */
interface Filled extends Group {
  readonly policy: number;
  readonly encoding: string;
}

interface FilledAsk extends Ask {
  readonly groups: readonly Filled[];
}

export interface PlayersEvents {
  /** Somebody acted. */
  acted(): void;
  /** The mind of a seat at a tick that was played. */
  mind(seat: number, bytes: Uint8Array): void;
}

export class TrainedPlayers implements Asker {
  readonly #match: Match;
  readonly #host: PolicyHost;
  readonly #events: PlayersEvents;
  readonly #room: number;
  /** [N] what plays a seat while its filling names it. */
  readonly #policies: (OpenPolicy | null)[];
  /** [N] 1 for those who were asked what they do in the coming tick. */
  readonly #asked: Uint8Array;
  /** [N] 1 for those who are to act in the coming tick, asked or not: without an action they come too late. */
  readonly #due: Uint8Array;
  /** What the next ask is made of; null where the seats have changed. */
  #ask: FilledAsk | null = null;
  readonly #joint: Uint8Array;
  readonly #visible: Uint8Array;
  /** All players' observations, by encoding. */
  readonly #views = new Map<string, Uint8Array | Float32Array>();
  readonly #patience: number;
  /** When a policy was asked that has yet to answer, milliseconds, by its number. */
  readonly #open = new Map<number, number>();
  /** Episode and tick that `#asked` is of. */
  #asking = { episode: -1, tick: -1 };
  /** Answered thoughts of the coming tick, to be told once it was played. */
  readonly #thoughts: Thought[] = [];
  readonly #writer = new ByteWriter();
  /** Seats whose minds somebody wants. */
  #minds: readonly number[] = [];

  constructor(match: Match, host: PolicyHost, events: PlayersEvents) {
    const { players } = match.environment;
    const { clock, tickRate } = match.options;
    this.#match = match;
    this.#host = host;
    this.#events = events;
    this.#policies = new Array(players).fill(null);
    this.#asked = new Uint8Array(players);
    this.#due = new Uint8Array(players);
    this.#joint = new Uint8Array(players);
    this.#visible = new Uint8Array(players * players);
    this.#patience =
      clock === 'lockstep' ? 0 : Math.min(LONGEST_PATIENCE_MS, (PATIENT_SHARE * 1000) / tickRate);
    this.#room = host.enter(this);
  }

  /** What plays `seat` while its filling names it. @returns what did before. */
  put(seat: number, policy: OpenPolicy | null): OpenPolicy | null {
    const before = this.#policies[seat]!;
    this.#policies[seat] = policy;
    this.#asked[seat] = 0;
    this.#due[seat] = 0;
    this.#ask = null;
    return before;
  }

  /** From the next tick on, the minds of these seats are computed and told. */
  show(seats: readonly number[]): void {
    this.#minds = seats;
  }

  /** Whether somebody has been asked and has yet to say what it does in the coming tick. */
  get thinking(): boolean {
    return this.#asked.some((asked, seat) => asked === 1 && this.#waits(seat));
  }

  /** Asks what the trained players do in the coming tick. */
  ask(): void {
    const { environment, episode, tick, over } = this.#match;
    if (this.#asking.episode !== episode || this.#asking.tick !== tick) {
      this.#asking = { episode, tick };
      this.#asked.fill(0);
    }
    for (let seat = 0; seat < this.#due.length; seat++) this.#due[seat] = this.#plays(seat) ? 1 : 0;
    if (over) return;
    const ask = this.#prepare();
    // One question a policy at a time: one that cannot keep up is not asked more and more, and holds up no other.
    const groups = ask.groups.filter(
      ({ policy, seats }) => !this.#open.has(policy) && seats.every((seat) => this.#asked[seat] === 0),
    );
    if (groups.length === 0) return;
    ask.episode = episode;
    ask.tick = tick;
    ask.seed = this.#match.botSeed;
    ask.joint = tick === 0 ? null : this.#joint;
    if (tick > 0) this.#joint.set(this.#match.joint);
    ask.minds = this.#minds;
    ask.visible = this.#minds.length > 0 ? this.#visible : null;
    if (ask.visible !== null) environment.observeVisible(this.#visible);
    this.#see(groups);
    const asked = this.#host.ask(groups.length === ask.groups.length ? ask : { ...ask, groups });
    for (const { policy, seats } of groups) {
      if (!asked.includes(policy)) continue;
      this.#open.set(policy, performance.now());
      for (const seat of seats) this.#asked[seat] = 1;
    }
  }

  answered(answer: Answer): void {
    const { actions, episode, tick } = this.#match;
    const asked = this.#open.get(answer.policy);
    if (asked !== undefined) this.#time(answer, asked);
    this.#open.delete(answer.policy);
    if (answer.episode === episode && answer.tick === tick) {
      answer.seats.forEach((seat, k) => {
        if (this.#asked[seat] === 1 && this.#plays(seat)) actions.put(seat, answer.actions[k]!, tick);
      });
      this.#thoughts.push(...answer.thoughts);
      this.#events.acted();
      return;
    }
    for (const thought of answer.thoughts) this.#tell(answer.episode, answer.tick, thought, null);
    this.ask();
  }

  lost(policies: Iterable<number>): void {
    for (const policy of policies) this.#open.delete(policy);
    this.#events.acted();
  }

  /** A step was played. @param episode its episode. @param tick its number. */
  stepped(episode: number, tick: number): void {
    const { acted, joint } = this.#match;
    for (let seat = 0; seat < this.#policies.length; seat++) {
      if (this.#due[seat] === 0 || !this.#plays(seat)) continue;
      const { name } = this.#policies[seat]!;
      if (acted[seat] === 1) policyActions.inc({ policy: name });
      else policyLate.inc({ policy: name });
    }
    for (const thought of this.#thoughts) {
      if (acted[thought.seat] === 1 && this.#plays(thought.seat))
        this.#tell(episode, tick, thought, joint[thought.seat]!);
    }
    this.#thoughts.length = 0;
  }

  /** @returns the policies that were played, to be released. */
  close(): OpenPolicy[] {
    this.#host.leave(this.#room);
    return this.#policies.filter((policy) => policy !== null);
  }

  #waits(seat: number): boolean {
    if (!this.#plays(seat) || this.#match.actions.has(seat, this.#match.tick)) return false;
    return this.#open.has(this.#policies[seat]!.number);
  }

  /** Whether a trained policy plays a seat now. */
  #plays(seat: number): boolean {
    return this.#policies[seat]?.name === this.#match.seats.fillingOf(seat);
  }

  #prepare(): FilledAsk {
    const playing = this.#policies.flatMap((policy, seat) =>
      policy !== null && this.#plays(seat) ? [seat] : [],
    );
    const ask = this.#ask;
    const same =
      ask !== null &&
      playing.length === ask.groups.reduce((sum, { seats }) => sum + seats.length, 0) &&
      ask.groups.every(({ seats }) => seats.every((seat) => this.#plays(seat)));
    if (same) return ask;
    const { environment } = this.#match;
    const byPolicy = Map.groupBy(playing, (seat) => this.#policies[seat]!);
    this.#ask = {
      room: this.#room,
      episode: 0,
      tick: 0,
      seed: 0,
      patience: this.#patience,
      players: environment.players,
      playing: Uint8Array.from({ length: environment.players }, (_, seat) => Number(playing.includes(seat))),
      joint: null,
      minds: [],
      visible: null,
      groups: Array.from(byPolicy, ([{ number, card }, seats]) => ({
        policy: number,
        encoding: card.encoding,
        seats: Uint8Array.from(seats),
        observation: viewOf(environment, card.encoding, seats.length),
      })),
    };
    return this.#ask;
  }

  #see(groups: readonly Filled[]): void {
    const { environment } = this.#match;
    const seen = new Set<string>();
    for (const { encoding, seats, observation } of groups) {
      let view = encoding === 'ids' ? this.#match.look() : this.#views.get(encoding);
      if (view === undefined) {
        view = viewOf(environment, encoding, environment.players);
        this.#views.set(encoding, view);
      }
      if (encoding !== 'ids' && !seen.has(encoding)) environment.observe(encoding, view);
      seen.add(encoding);
      const size = observation.length / seats.length;
      seats.forEach((seat, k) => {
        observation.set(view.subarray(seat * size, (seat + 1) * size), k * size);
      });
    }
  }

  #time({ seats }: Answer, asked: number): void {
    const seconds = (performance.now() - asked) / 1000;
    const names = new Set(Array.from(seats, (seat) => this.#policies[seat]?.name));
    for (const name of names) if (name !== undefined) policyTime.observe({ policy: name }, seconds);
  }

  #tell(episode: number, tick: number, thought: Thought, action: number | null): void {
    this.#events.mind(thought.seat, encodeMind(this.#writer, { ...thought, episode, tick, action }));
  }
}

function viewOf(environment: Environment, encoding: string, players: number): Uint8Array | Float32Array {
  const spec = environment.observationSpecs[encoding]!;
  const elements = players * elementsOf(spec);
  return spec.dtype === 'uint8' ? new Uint8Array(elements) : new Float32Array(elements);
}

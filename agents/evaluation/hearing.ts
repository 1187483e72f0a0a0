/**
 * Influence by what is heard, with real play: the listener's own policy is asked again with each alternative of what one
 * other said or did, from the same observation and memory and beside the same words of everybody else. Whole steps of the
 * network for each alternative, and nothing of how learners come by the same number.
 */
import { playerIn, type SignalName } from '../networks/signal-names.ts';
import type { PolicyCall } from '../policies/policy.ts';
import { type Influence, type InfluenceSource, InfluenceSums, influenceOf } from './influence.ts';
import type { Meter, Play, Trained } from './play.ts';

export class HearingMeter implements Meter, InfluenceSource {
  readonly signal: SignalName;
  readonly late: boolean;
  readonly values: Float32Array;
  readonly #play: Play;
  readonly #choices: number;
  readonly #listeners: readonly Listener[];
  readonly #sums: InfluenceSums;
  /** [N] 1 where it is known how likely a player was to choose what it chose. */
  readonly #known: Uint8Array;
  /** [G * N, choices] how likely each choice was, in this step and in the one before. */
  #now: Float32Array;
  #before: Float32Array;

  /** @param choices of the signal. */
  constructor(play: Play, signal: SignalName, choices: number) {
    const columns = play.games * play.players;
    this.signal = signal;
    // Who leads is heard at once, all else a step later.
    this.late = signal !== 'leadersActions';
    this.values = new Float32Array(columns).fill(Number.NaN);
    this.#play = play;
    this.#choices = choices;
    this.#listeners = play.trained
      .filter(({ policy }) => policy.card.signals.some(({ name }) => name === signal))
      .map((trained) => new Listener(play, trained, signal, choices));
    this.#sums = new InfluenceSums(play.players);
    this.#known = new Uint8Array(play.players);
    for (const { seats, call } of play.trained) {
      if (chancesOf(signal, call).length > 0) for (const seat of seats) this.#known[seat] = 1;
    }
    this.#now = new Float32Array(columns * choices);
    this.#before = new Float32Array(columns * choices);
  }

  async chosen(): Promise<void> {
    const { players, trained } = this.#play;
    const width = this.#choices;
    for (const { call, column } of trained) {
      const chances = chancesOf(this.signal, call);
      if (chances.length === 0) continue;
      for (let row = 0; row < call.rows; row++) {
        this.#now.set(chances.subarray(row * width, (row + 1) * width), column(row) * width);
      }
    }
    this.values.fill(Number.NaN);
    const pi = this.late ? this.#before : this.#now;
    for (const listener of this.#listeners) {
      await listener.ask(pi, this.#known, (column, speaker, nats) => {
        const game = Math.floor(column / players);
        const from = game * players + speaker;
        this.values[from] = Number.isNaN(this.values[from]!) ? nats : this.values[from]! + nats;
        if (this.#play.counts(game)) {
          this.#sums.add(this.#play.episodes[game]!, speaker, column % players, nats);
        }
      });
    }
  }

  stepped(): void {
    [this.#now, this.#before] = [this.#before, this.#now];
  }

  /** @param seed of the bootstrap. */
  take(seed: number): Influence {
    return this.#sums.take(this.signal, 'kl', seed);
  }
}

/** What the choices of a signal are drawn from, [B, choices]; empty where nothing is chosen. */
const chancesOf = (signal: SignalName, { probabilities, symbolProbabilities }: PolicyCall) =>
  signal === 'heardSymbols' ? symbolProbabilities : probabilities;

/** Those whom one network plays, asked again: row r * choices + c is row r with alternative c. */
export class Listener {
  readonly #players: number;
  readonly #trained: Trained;
  readonly #signal: SignalName;
  readonly #choices: number;
  /** Of the first games: what the others come to is nobody's business. */
  readonly #rows: number;
  readonly #call: PolicyCall;

  constructor(
    { players, watched }: Pick<Play, 'players' | 'watched'>,
    trained: Trained,
    signal: SignalName,
    choices: number,
  ) {
    this.#players = players;
    this.#trained = trained;
    this.#signal = signal;
    this.#choices = choices;
    this.#rows = watched * trained.seats.length;
    this.#call = trained.policy.call(this.#rows * choices, trained.seats[0]!);
  }

  /**
   * @param pi [G * N, choices] of the speakers, when they chose. @param known [N] 1 where that is so.
   * @param tell gets, for each listener that heard something and each whom it heard, the listener's column, the speaker, and
   * the influence in nats.
   */
  async ask(
    pi: Float32Array,
    known: Uint8Array,
    tell: (column: number, speaker: number, nats: number) => void,
  ): Promise<void> {
    const { call: own, column } = this.#trained;
    const players = this.#players;
    const choices = this.#choices;
    const asked = this.#call;
    const heard = own.signals[this.#signal]!;
    const alternatives = asked.signals[this.#signal]!;
    this.#repeat();
    const actions = own.probabilities.length / own.rows;
    for (let slot = 1; slot < players; slot++) {
      const speakerOf = (row: number) => playerIn(slot, column(row) % players, players);
      const hears = (row: number) => heard[row * players + slot]! < choices && known[speakerOf(row)] === 1;
      let any = false;
      for (let row = 0; row < this.#rows; row++) {
        if (!hears(row)) continue;
        any = true;
        for (let c = 0; c < choices; c++) alternatives[(row * choices + c) * players + slot] = c;
      }
      if (!any) continue;
      await asked.run();
      for (let row = 0; row < this.#rows; row++) {
        if (!hears(row)) continue;
        const taken = heard[row * players + slot]!;
        const at = column(row);
        const speaker = speakerOf(row);
        const piAt = (at - (at % players) + speaker) * choices;
        const p = asked.probabilities;
        tell(at, speaker, influenceOf(p, row * choices * actions, actions, taken, pi, piAt, choices));
        for (let c = 0; c < choices; c++) alternatives[(row * choices + c) * players + slot] = taken;
      }
    }
  }

  /** Everything as it was, for each alternative. */
  #repeat(): void {
    const { call: own } = this.#trained;
    const asked = this.#call;
    for (let row = 0; row < this.#rows; row++) {
      const copy = <A extends Uint8Array | Float32Array>(from: A, to: A) => {
        const width = from.length / own.rows;
        const part = from.subarray(row * width, (row + 1) * width);
        for (let c = 0; c < this.#choices; c++) to.set(part, (row * this.#choices + c) * width);
      };
      copy(own.observation, asked.observation as never);
      copy(own.state, asked.state);
      for (const [name, signal] of Object.entries(own.signals)) copy(signal, asked.signals[name]!);
    }
  }
}

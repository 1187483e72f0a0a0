/**
 * What a room shows to everybody: its reports, some ticks late in partial-view rooms, and from them a mirror, of which
 * previews, summaries, charts and keyframes for newcomers are made. Nothing that is public is taken from anywhere else.
 */
import { ClassId } from '../shared/palette.ts';
import { type EpisodeResult, type History, type MirrorShape, WorldMirror } from '../shared/protocol/index.ts';
import type { Report } from './match.ts';

/** What is due to the public now. */
export type Released =
  | Report
  | { readonly kind: 'episode'; readonly result: EpisodeResult }
  /** What a trained player thought, for those who want to know it. */
  | { readonly kind: 'mind'; readonly seat: number; readonly bytes: Uint8Array };

/** Samples that an episode's charts have at most. */
const SAMPLES = 500;
const SPARKLINE = 60;

export class PublicView {
  readonly mirror: WorldMirror;
  readonly #delay: number;
  /** Reports of the last ticks, oldest first, with the tick that they were made at. */
  readonly #waiting: { readonly madeAt: number; readonly item: Released }[] = [];
  readonly #every: number;
  readonly #samples: Float32Array;
  #sampleCount = 0;
  #ticks = 0;

  /** @param delay ticks by which the public sees things late. @param episodeLength steps. */
  constructor(shape: MirrorShape, delay: number, episodeLength: number) {
    this.mirror = new WorldMirror(shape);
    this.#delay = delay;
    this.#every = Math.max(1, Math.ceil(episodeLength / SAMPLES));
    this.#samples = new Float32Array((Math.floor(episodeLength / this.#every) + 2) * (shape.players + 4));
  }

  /** Takes a report in. */
  add(item: Released): void {
    if (item.kind === 'tick') this.#ticks++;
    this.#waiting.push({ madeAt: this.#ticks, item });
  }

  /** Hands out what is due, in order. @param all also what is not: the match is over. */
  release(all = false): Released[] {
    const due: Released[] = [];
    while (this.#waiting.length > 0 && (all || this.#waiting[0]!.madeAt + this.#delay <= this.#ticks)) {
      const { item } = this.#waiting.shift()!;
      if (item.kind === 'keyframe') {
        this.mirror.keyframe(item.bytes);
        this.#sampleCount = 0;
        this.#sample();
      } else if (item.kind === 'tick') {
        this.mirror.tick(item.bytes);
        if (this.mirror.time % this.#every === 0) this.#sample();
      }
      due.push(item);
    }
    return due;
  }

  /** The episode so far, for charts. */
  history(): History {
    return { every: this.#every, samples: this.#samples.slice(0, this.#sampleCount * this.#stride) };
  }

  /** Evenly spaced apple counts of the episode so far, oldest first. */
  appleHistory(): number[] {
    const points = Math.min(SPARKLINE, this.#sampleCount);
    return Array.from({ length: points }, (_, k) => {
      const sample = points < 2 ? 0 : Math.round((k * (this.#sampleCount - 1)) / (points - 1));
      return this.#samples[sample * this.#stride + this.mirror.shape.players + 2]!;
    });
  }

  get collectiveReturn(): number {
    return this.mirror.metrics.returns.reduce((sum, value) => sum + value, 0);
  }

  get #stride(): number {
    return this.mirror.shape.players + 4;
  }

  #sample(): void {
    const { mirror } = this;
    const at = this.#sampleCount * this.#stride;
    if (at + this.#stride > this.#samples.length) return;
    const outcome = mirror.metrics.outcome();
    this.#samples.set(mirror.metrics.returns, at);
    const rest = at + mirror.shape.players;
    this.#samples[rest] = outcome.equality;
    this.#samples[rest + 1] = outcome.sustainability;
    this.#samples[rest + 2] = mirror.count(ClassId.apple);
    this.#samples[rest + 3] = mirror.count(ClassId.waste);
    this.#sampleCount++;
  }
}

/** A few quiet tones, made on the spot; off until somebody switches them on. */
import type { EventName } from '../shared/environment.ts';

/** Frequency in Hz and length in seconds of each tone. */
const TONES: Readonly<Record<EventName, readonly [number, number]>> = {
  ate: [660, 0.07],
  fined: [180, 0.12],
  hit: [110, 0.22],
  cleaned: [420, 0.09],
};

export class Sound {
  #context: AudioContext | null = null;

  play(name: EventName, loudness: number): void {
    this.#context ??= new AudioContext();
    const context = this.#context;
    const [frequency, length] = TONES[name];
    const tone = new OscillatorNode(context, { type: 'triangle', frequency });
    const gain = new GainNode(context, { gain: 0 });
    const now = context.currentTime;
    gain.gain.linearRampToValueAtTime(0.12 * loudness, now + 0.01);
    gain.gain.linearRampToValueAtTime(0, now + length);
    tone.connect(gain).connect(context.destination);
    tone.start(now);
    tone.stop(now + length);
  }

  close(): void {
    void this.#context?.close();
  }
}

/**
 * A network's weights as one flat vector theta, float32 [P]: what optimisers step, workers average, and checkpoints keep.
 * With G networks of one kind each parameter is [G, ...shape] in it, so that products are batched over networks.
 */
import type { Random } from '../../shared/random.ts';
import * as tf from '../engine/tf.ts';

export type Initializer =
  | { readonly kind: 'constant'; readonly value: number }
  /** Orthogonal rows or columns, whichever are fewer, times `gain` (Saxe et al. 2014); of a filter, its matrix [fan in, out]. */
  | { readonly kind: 'orthogonal'; readonly gain: number }
  /** Each element given. */
  | { readonly kind: 'values'; readonly values: readonly number[] };

export interface ParameterSpec {
  readonly name: string;
  /** Of one network; a matrix is [in, out], a filter [height, width, in, out]. */
  readonly shape: readonly number[];
  readonly initializer: Initializer;
}

/** Parameters by name while a program runs, each [G, ...shape]. */
export type Weights = Readonly<Record<string, tf.Tensor>>;

const sizeOf = (shape: readonly number[]) => shape.reduce((product, side) => product * side, 1);

export class ParameterLayout {
  readonly specs: readonly ParameterSpec[];
  /** G. */
  readonly networks: number;
  /** P. */
  readonly size: number;
  readonly #offsets: ReadonlyMap<string, number>;

  constructor(specs: readonly ParameterSpec[], networks: number) {
    this.specs = specs;
    this.networks = networks;
    const offsets = new Map<string, number>();
    let size = 0;
    for (const { name, shape } of specs) {
      if (offsets.has(name)) throw new Error(`two parameters are called ${name}`);
      offsets.set(name, size);
      size += networks * sizeOf(shape);
    }
    this.#offsets = offsets;
    this.size = size;
  }

  /** theta [P] as tensors. */
  unpack(theta: tf.Tensor): Weights {
    const parts = tf.split(
      theta,
      this.specs.map(({ shape }) => this.networks * sizeOf(shape)),
    );
    return Object.fromEntries(
      this.specs.map(({ name, shape }, k) => [name, tf.reshape(parts[k]!, [this.networks, ...shape])]),
    );
  }

  /** One network's parameter as a view of `theta` [P]. @throws {RangeError} for a name that is none. */
  view(theta: Float32Array, name: string, network = 0): Float32Array {
    const spec = this.specs.find((candidate) => candidate.name === name);
    const offset = this.#offsets.get(name);
    if (spec === undefined || offset === undefined) throw new RangeError(`there is no parameter ${name}`);
    const size = sizeOf(spec.shape);
    return theta.subarray(offset + network * size, offset + (network + 1) * size);
  }

  /** Writes fresh weights into `theta` [P]; networks differ. */
  initialize(theta: Float32Array, random: Random): void {
    for (const { name, shape, initializer } of this.specs) {
      for (let network = 0; network < this.networks; network++) {
        const view = this.view(theta, name, network);
        switch (initializer.kind) {
          case 'constant':
            view.fill(initializer.value);
            break;
          case 'values':
            view.set(initializer.values);
            break;
          case 'orthogonal':
            orthogonal(view, sizeOf(shape.slice(0, -1)), shape.at(-1)!, initializer.gain, random);
        }
      }
    }
  }
}

/** A standard normal variate (Marsaglia's polar method). */
function normal(random: Random): number {
  for (;;) {
    const x = 2 * random.uniform() - 1;
    const y = 2 * random.uniform() - 1;
    const s = x * x + y * y;
    if (s > 0 && s < 1) return x * Math.sqrt((-2 * Math.log(s)) / s);
  }
}

/** Fills [rows, columns] with orthonormal rows or columns times `gain`, by Gram and Schmidt on normal vectors. */
function orthogonal(out: Float32Array, rows: number, columns: number, gain: number, random: Random): void {
  const count = Math.min(rows, columns);
  const length = Math.max(rows, columns);
  const basis: Float64Array[] = [];
  while (basis.length < count) {
    const vector = Float64Array.from({ length }, () => normal(random));
    // Twice, since what rounding leaves along the others after once still shows.
    for (let pass = 0; pass < 2; pass++) {
      for (const other of basis) {
        let product = 0;
        for (let k = 0; k < length; k++) product += vector[k]! * other[k]!;
        for (let k = 0; k < length; k++) vector[k]! -= product * other[k]!;
      }
    }
    let squares = 0;
    for (let k = 0; k < length; k++) squares += vector[k]! * vector[k]!;
    const scale = 1 / Math.sqrt(squares);
    for (let k = 0; k < length; k++) vector[k]! *= scale;
    basis.push(vector);
  }
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      out[r * columns + c] = gain * (rows <= columns ? basis[r]![c]! : basis[c]![r]!);
    }
  }
}

/**
 * Scales each network's gradient down to a Euclidean norm of at most `maxNorm`, each by itself: theirs are separate
 * problems. @returns the gradient [P] and the mean of the norms as they were, [].
 */
export function clipByNetwork(
  { specs, networks }: ParameterLayout,
  gradient: tf.Tensor,
  maxNorm: number,
): { gradient: tf.Tensor; norm: tf.Tensor } {
  const parts = tf
    .split(
      gradient,
      specs.map(({ shape }) => networks * sizeOf(shape)),
    )
    .map((part) => tf.reshape(part, [networks, -1]));
  const squares = parts.map((part) => tf.sum(tf.square(part), 1, true));
  const norms = tf.sqrt(tf.addN(squares));
  const scale = tf.minimum(tf.div(maxNorm, tf.add(norms, 1e-6)), 1);
  return {
    gradient: tf.concat(parts.map((part) => tf.reshape(tf.mul(part, scale), [-1]))),
    norm: tf.mean(norms),
  };
}

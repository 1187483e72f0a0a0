/** Kernels that move elements: reshape, transpose, join, cut, repeat, look up. */

import * as tf from '../../tf.ts';
import { type GraphBuilder, leadingOnes, sizeOf, type Value } from '../graph.ts';
import { binary, cast } from './elementwise.ts';
import { onnxKernel } from './register.ts';

export function transpose(graph: GraphBuilder, x: Value, perm: readonly number[]): Value {
  if (perm.every((axis, k) => axis === k)) return x;
  if (x.turned !== undefined) {
    const { source, perm: first } = x.turned;
    return transpose(
      graph,
      source,
      perm.map((axis) => first[axis]!),
    );
  }
  const shape = perm.map((axis) => x.shape[axis]!);
  if (x.fill !== null) return graph.fill(x.fill, x.type, shape);
  // Moving axes of length 1 about moves no element.
  const moved = perm.filter((axis) => x.shape[axis] !== 1);
  if (moved.every((axis, k) => k === 0 || axis > moved[k - 1]!)) return graph.reshape(x, shape);
  const lead = Math.min(
    x.lead,
    perm.findIndex((axis, k) => axis !== k),
  );
  const turned = graph.stored('Transpose', [graph.useFrom(x, lead)], x.type, shape, lead, {
    perm: perm.slice(lead).map((axis) => axis - lead),
  });
  return { ...turned, turned: { source: x, perm } };
}

onnxKernel<{ shape: number[] }>('Reshape', ({ graph, inputs: { x }, attributes }) =>
  graph.reshape(x!, tf.util.inferFromImplicitShape(attributes.shape, sizeOf(x!.shape))),
);

onnxKernel<{ dim: number }>('ExpandDims', ({ graph, inputs: { input }, attributes }) => {
  const shape = [...input!.shape];
  const axis = attributes.dim < 0 ? shape.length + 1 + attributes.dim : attributes.dim;
  shape.splice(axis, 0, 1);
  return graph.reshape(input!, shape);
});

onnxKernel<{ perm: number[] }>('Transpose', ({ graph, inputs: { x }, attributes }) =>
  transpose(graph, x!, attributes.perm),
);

const positive = (axis: number, rank: number) => (axis < 0 ? axis + rank : axis);

export function concat(graph: GraphBuilder, values: readonly Value[], axis: number): Value {
  tf.backend_util.assertParamsConsistent(
    values.map((value) => [...value.shape]),
    axis,
  );
  const parts = values.filter((value) => sizeOf(value.shape) > 0);
  const first = parts[0] ?? values[0]!;
  if (parts.length <= 1) return first;
  const shape = [...first.shape];
  shape[axis] = parts.reduce((sum, part) => sum + part.shape[axis]!, 0);
  const lead = Math.min(leadingOnes(first.shape), axis);
  return graph.stored(
    'Concat',
    parts.map((part) => graph.useFrom(part, lead)),
    first.type,
    shape,
    lead,
    { axis: axis - lead },
  );
}

onnxKernel<{ axis: number }>('Concat', ({ graph, list, attributes }) =>
  concat(graph, list, positive(attributes.axis, list[0]!.shape.length)),
);

onnxKernel<{ axis: number }>('Pack', ({ graph, list, attributes }) => {
  const axis = positive(attributes.axis, list[0]!.shape.length + 1);
  const shape = [...list[0]!.shape];
  shape.splice(axis, 0, 1);
  return concat(
    graph,
    list.map((value) => graph.reshape(value, shape)),
    axis,
  );
});

onnxKernel<{ axis: number }>('Unpack', ({ graph, inputs: { value }, attributes }) => {
  const axis = positive(attributes.axis, value!.shape.length);
  const shape = value!.shape.filter((_, k) => k !== axis);
  const sizes = Array.from({ length: value!.shape[axis]! }, () => 1);
  return split(graph, value!, sizes, axis).map((part) => graph.reshape(part, shape));
});

function split(graph: GraphBuilder, x: Value, sizes: readonly number[], axis: number): Value[] {
  if (sizes.length === 1) return [x];
  if (x.fill !== null) {
    const shapes = sizes.map((size) => x.shape.map((side, k) => (k === axis ? size : side)));
    return shapes.map((shape) => graph.fill(x.fill!, x.type, shape));
  }
  return graph.split(x, sizes, axis);
}

onnxKernel<{ numOrSizeSplits: number | number[]; axis: number }>(
  'SplitV',
  ({ graph, inputs: { x }, attributes: { numOrSizeSplits, axis: given } }) => {
    const axis = positive(given, x!.shape.length);
    const side = x!.shape[axis]!;
    const sizes =
      typeof numOrSizeSplits === 'number'
        ? Array.from({ length: numOrSizeSplits }, () => Math.floor(side / numOrSizeSplits))
        : resolvedSizes(numOrSizeSplits, side);
    if (sizes.reduce((sum, size) => sum + size, 0) !== side || !sizes.every((size) => size >= 0)) {
      throw new Error(`Error in split: an axis of ${side} does not go into ${numOrSizeSplits}`);
    }
    return split(graph, x!, sizes, axis);
  },
);

/** Sizes with one given as -1 worked out. */
function resolvedSizes(sizes: readonly number[], side: number): number[] {
  const known = sizes.reduce((sum, size) => (size === -1 ? sum : sum + size), 0);
  return sizes.map((size) => (size === -1 ? side - known : size));
}

/** `stride`-th elements from `begin` to before `end`; axes that stay whole are left out. A negative stride goes backward. */
function slice(
  graph: GraphBuilder,
  x: Value,
  begin: readonly number[],
  end: readonly number[],
  strides: readonly number[],
  shape: readonly number[],
): Value {
  if (x.fill !== null) return graph.fill(x.fill, x.type, shape);
  const axes = shape.map((_, k) => k).filter((k) => shape[k] !== x.shape[k] || strides[k]! < 0);
  if (axes.length === 0) return x;
  const lead = Math.min(x.lead, axes[0]!);
  const of = (values: readonly number[]) => graph.indices(axes.map((k) => values[k]!));
  // To ONNX an end of -1 is the last element, not the one before the first.
  const ends = end.map((place, k) => (place < 0 ? -x.shape[k]! - 1 : place));
  const steps = axes.every((k) => strides[k] === 1) ? [] : [of(strides)];
  const places = graph.indices(axes.map((k) => k - lead));
  return graph.stored(
    'Slice',
    [graph.useFrom(x, lead), of(begin), of(ends), places, ...steps],
    x.type,
    shape,
    lead,
  );
}

onnxKernel<{ begin: number | number[]; size: number | number[] }>(
  'Slice',
  ({ graph, inputs: { x }, attributes }) => {
    const source = { shape: [...x!.shape] } as unknown as tf.TensorInfo;
    const [begin, size] = tf.slice_util.parseSliceParams(source, attributes.begin, attributes.size) as [
      number[],
      number[],
    ];
    tf.slice_util.assertParamsValid(source, begin, size);
    const end = begin.map((start, k) => start + size[k]!);
    const strides = begin.map(() => 1);
    return slice(graph, x!, begin, end, strides, size);
  },
);

interface StridedSliceAttributes {
  begin: number[];
  end: number[];
  strides: number[];
  beginMask: number;
  endMask: number;
  ellipsisMask: number;
  newAxisMask: number;
  shrinkAxisMask: number;
}

onnxKernel<StridedSliceAttributes>('StridedSlice', ({ graph, inputs: { x }, attributes: a }) => {
  const { begin, end, strides, finalShape } = tf.slice_util.sliceInfo(
    [...x!.shape],
    a.begin,
    a.end,
    a.strides,
    a.beginMask,
    a.endMask,
    a.ellipsisMask,
    a.newAxisMask,
    a.shrinkAxisMask,
  );
  const sides = begin.map((start, k) => Math.max(0, Math.ceil((end[k]! - start) / strides[k]!)));
  return graph.reshape(slice(graph, x!, begin, end, strides, sides), finalShape);
});

onnxKernel<{ paddings: [number, number][]; constantValue: number }>(
  'PadV2',
  ({ graph, inputs: { x }, attributes: { paddings, constantValue } }) => {
    const shape = x!.shape.map((side, k) => side + paddings[k]![0] + paddings[k]![1]);
    const untouched = paddings.findIndex(([before, after]) => before > 0 || after > 0);
    if (untouched === -1) return x!;
    const lead = Math.min(x!.lead, untouched);
    const padded = paddings.slice(lead);
    const pads = [...padded.map((pair) => pair[0]), ...padded.map((pair) => pair[1])];
    return graph.stored(
      'Pad',
      [graph.useFrom(x!, lead), graph.indices(pads), graph.scalar(constantValue, x!.type)],
      x!.type,
      shape,
      lead,
    );
  },
);

onnxKernel<{ reps: number[] }>('Tile', ({ graph, inputs: { x }, attributes: { reps } }) => {
  const shape = x!.shape.map((side, k) => side * reps[k]!);
  if (reps.every((count) => count === 1)) return x!;
  if (x!.fill !== null) return graph.fill(x!.fill, x!.type, shape);
  const lead = Math.min(
    x!.lead,
    reps.findIndex((count) => count !== 1),
  );
  return graph.stored(
    'Tile',
    [graph.useFrom(x!, lead), graph.indices(reps.slice(lead))],
    x!.type,
    shape,
    lead,
  );
});

onnxKernel<{ axis: number; batchDims: number }>(
  'GatherV2',
  ({ graph, inputs: { x, indices }, attributes: { axis: given, batchDims } }) => {
    if (batchDims !== 0) throw new Error('a gather with batch dimensions is not traced');
    const axis = positive(given, x!.shape.length);
    const shape = [...x!.shape.slice(0, axis), ...indices!.shape, ...x!.shape.slice(axis + 1)];
    if (x!.shape.length === 1) {
      // Ten times as fast as Gather, which copies each number as a run of one.
      const flat = graph.reshape(indices!, [sizeOf(indices!.shape)]);
      const found = graph.node('GatherElements', [x!, flat], x!.type, flat.shape, { axis: 0 });
      return graph.reshape(found, shape);
    }
    const lead = Math.min(x!.lead, axis);
    return graph.stored('Gather', [graph.useFrom(x!, lead), graph.use(indices!)], x!.type, shape, lead, {
      axis: axis - lead,
    });
  },
);

onnxKernel<{ depth: number; onValue: number; offValue: number; dtype?: 'float32' | 'int32' | 'bool' }>(
  'OneHot',
  ({ graph, inputs: { indices }, attributes: { depth, onValue, offValue, dtype = 'float32' } }) => {
    // By comparison, which lets indices outside be none of them: ONNX's own one-hot takes -1 for the last.
    const places = graph.constant(
      Int32Array.from({ length: depth }, (_, k) => k),
      'int32',
      [depth],
    );
    const column = graph.reshape(indices!, [...indices!.shape, 1]);
    const hot = binary(graph, 'Equal', column, places, 'bool');
    if (onValue === 1 && offValue === 0) return cast(graph, hot, dtype);
    const [on, off] = [graph.scalar(onValue, 'float32'), graph.scalar(offValue, 'float32')];
    return cast(graph, graph.node('Where', [hot, on, off], 'float32', hot.shape), dtype);
  },
);

/** Counts down from start where no step was given. */
onnxKernel<{ start: number; stop: number; step: number; dtype: 'float32' | 'int32' }>(
  'Range',
  ({ graph, attributes: { start, stop, step: given, dtype } }) => {
    const step = stop < start && given === 1 ? -1 : given;
    const count = Math.max(0, Math.ceil((stop - start) / step));
    const values = Array.from({ length: count }, (_, k) => start + k * step);
    const array = dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values);
    return graph.constant(array, dtype, [count]);
  },
);

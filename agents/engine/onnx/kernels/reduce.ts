/** Kernels that take an axis away: sums, means, extremes, soft maxima. */
import { type GraphBuilder, sizeOf, type Value, type ValueType } from '../graph.ts';
import { binary, cast } from './elementwise.ts';
import { onnxKernel } from './register.ts';
import { reshape } from './shape.ts';

/** No axis means all of them. */
type Axes = number | readonly number[] | null | undefined;

function reduced(x: Value, axis: Axes, keepDims: boolean): { axes: number[]; shape: number[] } {
  const rank = x.shape.length;
  const given = axis == null ? x.shape.map((_, k) => k) : typeof axis === 'number' ? [axis] : axis;
  const axes = given.map((a) => (a < 0 ? a + rank : a));
  const shape = keepDims
    ? x.shape.map((side, k) => (axes.includes(k) ? 1 : side))
    : x.shape.filter((_, k) => !axes.includes(k));
  return { axes, shape };
}

/** Axes are an input of ReduceSum and an attribute of the others at this opset. */
function reduce(graph: GraphBuilder, op: string, x: Value, axis: Axes, keepDims: boolean): Value {
  const { axes, shape } = reduced(x, axis, keepDims);
  if (axes.every((k) => x.shape[k] === 1)) return reshape(graph, x, shape);
  const keepdims = keepDims ? 1 : 0;
  return op === 'ReduceSum'
    ? graph.node(op, [x, graph.indices(axes)], x.type, shape, { keepdims })
    : graph.node(op, [x], x.type, shape, { axes, keepdims });
}

for (const [kernel, op] of [
  ['Sum', 'ReduceSum'],
  ['Mean', 'ReduceMean'],
  ['Max', 'ReduceMax'],
  ['Min', 'ReduceMin'],
  ['Prod', 'ReduceProd'],
] as const) {
  // Max calls its axes otherwise than the rest of them.
  type Attributes = { axis?: Axes; reductionIndices?: Axes; keepDims?: boolean };
  onnxKernel<Attributes>(kernel, ({ graph, inputs: { x }, attributes }) => {
    const value =
      op === 'ReduceMean' ? cast(graph, x!, 'float32') : x!.type === 'bool' ? cast(graph, x!, 'int32') : x!;
    const axis = attributes.axis ?? attributes.reductionIndices;
    const { axes, shape } = reduced(value, axis, attributes.keepDims ?? false);
    if (value.fill !== null && op === 'ReduceSum') {
      return graph.fill(value.fill * sizeOf(axes.map((k) => value.shape[k]!)), value.type, shape);
    }
    return reduce(graph, op, value, axis, attributes.keepDims ?? false);
  });
}

for (const [kernel, op] of [
  ['All', 'ReduceMin'],
  ['Any', 'ReduceMax'],
] as const) {
  onnxKernel<{ axis: Axes; keepDims?: boolean }>(kernel, ({ graph, inputs: { x }, attributes }) =>
    cast(
      graph,
      reduce(graph, op, cast(graph, x!, 'int32'), attributes.axis, attributes.keepDims ?? false),
      'bool',
    ),
  );
}

for (const kernel of ['ArgMax', 'ArgMin'] as const) {
  onnxKernel<{ axis: number | number[] }>(kernel, ({ graph, inputs: { x }, attributes }) => {
    const { axes, shape } = reduced(x!, attributes.axis, false);
    const index = graph.node(kernel, [x!], 'int32', shape, { axis: axes[0]!, keepdims: 0 });
    // ONNX gives int64.
    return graph.node('Cast', [index], 'int32', shape, { to: 6 });
  });
}

onnxKernel<{ dim: number }>('Softmax', ({ graph, inputs: { logits }, attributes }) =>
  graph.node('Softmax', [logits!], 'float32', logits!.shape, { axis: attributes.dim }),
);

onnxKernel<{ axis: number; exclusive: boolean; reverse: boolean }>(
  'Cumsum',
  ({ graph, inputs: { x }, attributes }) =>
    graph.node('CumSum', [x!, graph.scalar(attributes.axis, 'int32')], x!.type, x!.shape, {
      exclusive: attributes.exclusive ? 1 : 0,
      reverse: attributes.reverse ? 1 : 0,
    }),
);

/**
 * Sums rows by segment, the gradient of a look-up: a product with the one-hot of the segments, which is exact and small.
 * Rows of segments that are none are dropped; ONNX's own one-hot would take -1 for the last.
 */
onnxKernel<{ numSegments: number }>(
  'UnsortedSegmentSum',
  ({ graph, inputs: { x, segmentIds }, attributes: { numSegments } }) => {
    const rows = sizeOf(segmentIds!.shape);
    const width = sizeOf(x!.shape) / rows;
    const type: ValueType = x!.type;
    const segments = graph.constant(
      Int32Array.from({ length: numSegments }, (_, k) => k),
      'int32',
      [numSegments, 1],
    );
    const own = binary(graph, 'Equal', segments, reshape(graph, segmentIds!, [1, rows]), 'bool');
    const hot = cast(graph, own, 'float32');
    const sums = graph.node(
      'MatMul',
      [hot, cast(graph, reshape(graph, x!, [rows, width]), 'float32')],
      'float32',
      [numSegments, width],
    );
    const shape = [numSegments, ...x!.shape.slice(segmentIds!.shape.length)];
    return cast(graph, reshape(graph, sums, shape), type);
  },
);

/** Kernels that multiply matrices: products and convolutions, with their gradients. */
import type * as tf from '../../tf.ts';
import { broadcastShape, type GraphBuilder, leadingOnes, sizeOf, type Value } from '../graph.ts';
import { onnxKernel } from './register.ts';
import { transpose } from './shape.ts';

/** ONNX Runtime's own domain. */
const MICROSOFT = 'com.microsoft';

/**
 * [.., M, K] x [.., K, N], either one given transposed. A transposed operand is read as it lies (Gemm, FusedMatMul)
 * and never written out turned.
 */
function matMul(graph: GraphBuilder, a: Value, b: Value, transposeA: boolean, transposeB: boolean): Value {
  const rows = (x: Value, turned: boolean) => x.shape.at(turned ? -1 : -2)!;
  const columns = (x: Value, turned: boolean) => x.shape.at(turned ? -2 : -1)!;
  const [inner, other] = [columns(a, transposeA), rows(b, transposeB)];
  if (inner !== other) throw new Error(`Error in matMul: inner shapes (${inner}) and (${other}) differ`);
  if (a.type !== 'float32')
    throw new Error(`Error in matMul: products of ${a.type} are not traced, cast first`);
  const batch = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const shape = [...batch, rows(a, transposeA), columns(b, transposeB)];
  if (batch.every((side) => side === 1)) {
    const matrix = (x: Value) => graph.useFrom(graph.reshape(x, x.shape.slice(-2)), 0);
    const lead = shape.length - 2;
    return transposeA || transposeB
      ? graph.stored('Gemm', [matrix(a), matrix(b)], 'float32', shape, lead, {
          transA: transposeA ? 1 : 0,
          transB: transposeB ? 1 : 0,
        })
      : graph.stored('MatMul', [matrix(a), matrix(b)], 'float32', shape, lead);
  }
  const lead = Math.min(leadingOnes(a.shape.slice(0, -2)), leadingOnes(b.shape.slice(0, -2)));
  const names = [graph.useFrom(a, lead), graph.useFrom(b, lead)];
  return transposeA || transposeB
    ? graph.stored(
        'FusedMatMul',
        names,
        'float32',
        shape,
        lead,
        { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0, alpha: { float: 1 } },
        MICROSOFT,
      )
    : graph.stored('MatMul', names, 'float32', shape, lead);
}

onnxKernel<{ transposeA: boolean; transposeB: boolean }>(
  'BatchMatMul',
  ({ graph, inputs: { a, b }, attributes }) =>
    matMul(graph, a!, b!, attributes.transposeA, attributes.transposeB),
);

interface ConvAttributes {
  strides: number | [number, number];
  pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  dataFormat: 'NHWC' | 'NCHW';
  dilations: number | [number, number];
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

const TO_NCHW = [0, 3, 1, 2];
const TO_NHWC = [0, 2, 3, 1];
/** tfjs filters are [height, width, in, out], ONNX ones [out, in, height, width]. */
const FILTER_TO_ONNX = [3, 2, 0, 1];

const pair = (value: number | [number, number]): [number, number] =>
  typeof value === 'number' ? [value, value] : value;

/** [height, width] of padding before and after, and of the output. */
function geometry(
  input: readonly number[],
  filter: readonly number[],
  { strides, pad, dilations, dataFormat }: ConvAttributes,
) {
  if (dataFormat !== 'NHWC') throw new Error('convolutions are traced in NHWC only');
  const stride = pair(strides);
  const dilation = pair(dilations);
  const sides = [0, 1].map((k) => {
    const side = input[k + 1]!;
    const reach = (filter[k]! - 1) * dilation[k]! + 1;
    if (pad === 'same') {
      const out = Math.ceil(side / stride[k]!);
      const total = Math.max(0, (out - 1) * stride[k]! + reach - side);
      return { out, before: Math.floor(total / 2), after: total - Math.floor(total / 2) };
    }
    if (pad !== 'valid' && typeof pad !== 'number') throw new Error('explicit paddings are not traced');
    const padding = pad === 'valid' ? 0 : pad;
    return {
      out: Math.floor((side + 2 * padding - reach) / stride[k]!) + 1,
      before: padding,
      after: padding,
    };
  });
  return { stride, dilation, sides };
}

/** @param bias [out], or null. @param finish what is done with the output before it is turned back. */
function convolve(
  graph: GraphBuilder,
  x: Value,
  filter: Value,
  bias: Value | null,
  attributes: ConvAttributes,
  finish: (output: Value) => Value = (output) => output,
): Value {
  const { stride, dilation, sides } = geometry(x.shape, filter.shape, attributes);
  const shape = [x.shape[0]!, filter.shape[3]!, sides[0]!.out, sides[1]!.out];
  const operands = [transpose(graph, x, TO_NCHW), transpose(graph, filter, FILTER_TO_ONNX)];
  if (bias !== null) operands.push(bias);
  const output = graph.node('Conv', operands, 'float32', shape, {
    strides: stride,
    dilations: dilation,
    pads: [...sides.map((side) => side.before), ...sides.map((side) => side.after)],
  });
  return transpose(graph, finish(output), TO_NHWC);
}

onnxKernel<ConvAttributes>('Conv2D', ({ graph, inputs: { x, filter }, attributes }) =>
  convolve(graph, x!, filter!, null, attributes),
);

/** Names of tfjs's activations without parameters that are ONNX operators. */
const ACTIVATIONS: Readonly<Record<string, string>> = {
  relu: 'Relu',
  sigmoid: 'Sigmoid',
  elu: 'Elu',
};

/** What `tf.fused.conv2d` is where no gradient is taken of it. */
onnxKernel<ConvAttributes & { activation?: string }>(
  'FusedConv2D',
  ({ graph, inputs: { x, filter, bias }, attributes }) => {
    const { activation = 'linear' } = attributes;
    const op = ACTIVATIONS[activation];
    if (op === undefined && activation !== 'linear') {
      throw new Error(`a convolution with the activation ${activation} is not traced`);
    }
    const finish = (output: Value) => (op === undefined ? output : graph.unary(op, output));
    if (bias !== undefined && sizeOf(bias.shape) !== filter!.shape[3]!)
      throw new Error('a convolution with more than one bias a filter is not traced');
    const vector = bias === undefined ? null : graph.reshape(bias, [filter!.shape[3]!]);
    return convolve(graph, x!, filter!, vector, attributes, finish);
  },
);

function onlyPlain(attributes: ConvAttributes): void {
  const plain = [...pair(attributes.strides), ...pair(attributes.dilations ?? 1)].every(
    (value) => value === 1,
  );
  if (!plain) throw new Error('gradients of convolutions are traced for stride 1 and dilation 1');
}

/** The filter's gradient is a convolution of the input with the output's gradient, batch and channels changing places. */
onnxKernel<ConvAttributes & { filterShape: number[] }>(
  'Conv2DBackpropFilter',
  ({ graph, inputs: { x, dy }, attributes }) => {
    onlyPlain(attributes);
    const { filterShape } = attributes;
    const { sides } = geometry(x!.shape, filterShape, { ...attributes, dilations: 1 });
    const gradient = graph.node(
      'Conv',
      [transpose(graph, x!, [3, 0, 1, 2]), transpose(graph, dy!, [3, 0, 1, 2])],
      'float32',
      [filterShape[2]!, filterShape[3]!, filterShape[0]!, filterShape[1]!],
      { pads: [...sides.map((side) => side.before), ...sides.map((side) => side.after)] },
    );
    return transpose(graph, gradient, [2, 3, 0, 1]);
  },
);

onnxKernel<ConvAttributes & { inputShape: number[] }>(
  'Conv2DBackpropInput',
  ({ graph, inputs: { dy, filter }, attributes }) => {
    onlyPlain(attributes);
    const { inputShape } = attributes;
    const { sides } = geometry(inputShape, filter!.shape, { ...attributes, dilations: 1 });
    const gradient = graph.node(
      'ConvTranspose',
      [transpose(graph, dy!, TO_NCHW), transpose(graph, filter!, FILTER_TO_ONNX)],
      'float32',
      [inputShape[0]!, inputShape[3]!, inputShape[1]!, inputShape[2]!],
      { pads: [...sides.map((side) => side.before), ...sides.map((side) => side.after)] },
    );
    return transpose(graph, gradient, TO_NHWC);
  },
);

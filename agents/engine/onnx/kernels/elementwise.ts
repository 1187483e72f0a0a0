/** Kernels that work element by element: arithmetic, comparisons, functions of one variable, choices, casts. */
import { broadcastShape, type GraphBuilder, sameShape, type Value, type ValueType } from '../graph.ts';
import { onnxKernel } from './register.ts';

/** One node of two operands. */
export const binary = (
  graph: GraphBuilder,
  op: string,
  a: Value,
  b: Value,
  type: ValueType = a.type,
): Value => broadcasting(graph, op, [a, b], type, broadcastShape(a.shape, b.shape));

/** A node that broadcasts its operands, each as it is stored; fills are scalars where another brings the shape. */
function broadcasting(
  graph: GraphBuilder,
  op: string,
  operands: readonly Value[],
  type: ValueType,
  shape: readonly number[],
): Value {
  const given = operands.filter((x) => x.fill === null).map((x) => x.shape);
  const whole = given.length > 0 && sameShape(given.reduce(broadcastShape), shape);
  const stored = operands.map((x) =>
    x.fill === null
      ? { name: graph.useStored(x), rank: x.shape.length - x.lead }
      : whole
        ? { name: graph.scalar(x.fill, x.type), rank: 0 }
        : { name: graph.useStored(x), rank: x.shape.length },
  );
  const lead = shape.length - Math.max(...stored.map(({ rank }) => rank));
  return graph.stored(
    op,
    stored.map(({ name }) => name),
    type,
    shape,
    lead,
  );
}

const choose = (graph: GraphBuilder, condition: Value, t: Value, e: Value): Value =>
  broadcasting(
    graph,
    'Where',
    [condition, t, e],
    t.type,
    [condition, t, e].map((x) => x.shape).reduce(broadcastShape),
  );

const FOLDED: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
};

/** Arithmetic with what costs nothing left out: x + 0, x - 0, x * 1, x / 1, and fills among themselves. */
function arithmetic(graph: GraphBuilder, op: string, a: Value, b: Value): Value {
  const shape = broadcastShape(a.shape, b.shape);
  if (a.fill !== null && b.fill !== null && a.type === 'float32') {
    return graph.fill(Math.fround(FOLDED[op]!(a.fill, b.fill)), a.type, shape);
  }
  const neutral = op === 'Add' || op === 'Sub' ? 0 : 1;
  if (b.fill === neutral && sameShape(a.shape, shape)) return a;
  if (a.fill === neutral && sameShape(b.shape, shape) && (op === 'Add' || op === 'Mul')) return b;
  return binary(graph, op, a, b);
}

for (const [kernel, op] of [
  ['Add', 'Add'],
  ['Sub', 'Sub'],
  ['Multiply', 'Mul'],
  ['RealDiv', 'Div'],
] as const) {
  onnxKernel(kernel, ({ graph, inputs: { a, b } }) => arithmetic(graph, op, a!, b!));
}

for (const [kernel, op] of [
  ['Maximum', 'Max'],
  ['Minimum', 'Min'],
  ['Pow', 'Pow'],
] as const) {
  onnxKernel(kernel, ({ graph, inputs: { a, b } }) => binary(graph, op, a!, b!));
}

onnxKernel('FloorDiv', ({ graph, inputs: { a, b } }) => {
  if (a!.type === 'float32') {
    const quotient = binary(graph, 'Div', a!, b!);
    return graph.unary('Floor', quotient);
  }
  // ONNX divides integers toward zero, tfjs downward: floats of 24 bits are exact for what indices reach.
  const quotient = binary(graph, 'Div', cast(graph, a!, 'float32'), cast(graph, b!, 'float32'));
  return cast(graph, graph.unary('Floor', quotient), 'int32');
});

onnxKernel('SquaredDifference', ({ graph, inputs: { a, b } }) => {
  const difference = binary(graph, 'Sub', a!, b!);
  return binary(graph, 'Mul', difference, difference);
});

onnxKernel('AddN', ({ graph, list }) => list.reduce((sum, value) => arithmetic(graph, 'Add', sum, value)));

for (const kernel of ['Equal', 'Greater', 'GreaterEqual', 'Less', 'LessEqual'] as const) {
  const op = kernel.replace('Equal', 'OrEqual').replace(/^OrEqual$/, 'Equal');
  onnxKernel(kernel, ({ graph, inputs: { a, b } }) => binary(graph, op, a!, b!, 'bool'));
}
onnxKernel('NotEqual', ({ graph, inputs: { a, b } }) => {
  const equal = binary(graph, 'Equal', a!, b!, 'bool');
  return graph.unary('Not', equal);
});
onnxKernel('LogicalAnd', ({ graph, inputs: { a, b } }) => binary(graph, 'And', a!, b!));
onnxKernel('LogicalOr', ({ graph, inputs: { a, b } }) => binary(graph, 'Or', a!, b!));
onnxKernel('LogicalNot', ({ graph, inputs: { x } }) => graph.unary('Not', x!, 'bool'));

for (const [kernel, op] of [
  ['Abs', 'Abs'],
  ['Ceil', 'Ceil'],
  ['Cos', 'Cos'],
  ['Erf', 'Erf'],
  ['Exp', 'Exp'],
  ['Floor', 'Floor'],
  ['Log', 'Log'],
  ['Neg', 'Neg'],
  ['Reciprocal', 'Reciprocal'],
  ['Relu', 'Relu'],
  ['Round', 'Round'],
  ['Sigmoid', 'Sigmoid'],
  ['Sign', 'Sign'],
  ['Sin', 'Sin'],
  ['Softplus', 'Softplus'],
  ['Sqrt', 'Sqrt'],
  ['Tanh', 'Tanh'],
] as const) {
  onnxKernel(kernel, ({ graph, inputs: { x } }) => graph.unary(op, x!));
}

onnxKernel('Square', ({ graph, inputs: { x } }) => binary(graph, 'Mul', x!, x!));
onnxKernel('Rsqrt', ({ graph, inputs: { x } }) => graph.unary('Reciprocal', graph.unary('Sqrt', x!)));

/** log(u) x / (u - 1) with u = 1 + x as it is rounded, x where that is 1: exact near 0 too (Goldberg 1991, theorem 4). */
onnxKernel('Log1p', ({ graph, inputs: { x } }) => {
  const one = graph.fill(1, 'float32', []);
  const u = binary(graph, 'Add', x!, one);
  const log = graph.unary('Log', u);
  const scaled = binary(graph, 'Mul', log, binary(graph, 'Div', x!, binary(graph, 'Sub', u, one)));
  return choose(graph, binary(graph, 'Equal', u, one, 'bool'), x!, scaled);
});

/** exp(x) - 1 = tanh(x / 2) (exp(x) + 1), which takes no difference of numbers that are nearly equal. */
onnxKernel('Expm1', ({ graph, inputs: { x } }) => {
  const half = graph.unary('Tanh', binary(graph, 'Mul', x!, graph.fill(0.5, 'float32', [])));
  const sum = binary(graph, 'Add', graph.unary('Exp', x!), graph.fill(1, 'float32', []));
  return binary(graph, 'Mul', half, sum);
});
onnxKernel<{ alpha: number }>('LeakyRelu', ({ graph, inputs: { x }, attributes }) =>
  graph.unary('LeakyRelu', x!, 'float32', { alpha: { float: attributes.alpha } }),
);
onnxKernel('Elu', ({ graph, inputs: { x } }) => graph.unary('Elu', x!));

/** dy where y = elu(x) >= 0, dy (y + 1) elsewhere: dy (min(y, 0) + 1). */
onnxKernel('EluGrad', ({ graph, inputs: { dy, y } }) => {
  const below = binary(graph, 'Min', y!, graph.fill(0, 'float32', []));
  return binary(graph, 'Mul', dy!, binary(graph, 'Add', below, graph.fill(1, 'float32', [])));
});

/** 1 where x > 0, alpha elsewhere. */
onnxKernel<{ alpha: number }>('Step', ({ graph, inputs: { x }, attributes }) => {
  const positive = binary(graph, 'Greater', x!, graph.fill(0, x!.type, []), 'bool');
  if (attributes.alpha === 0) return cast(graph, positive, x!.type);
  const fill = (value: number) => graph.fill(value, x!.type, []);
  return choose(graph, positive, fill(1), fill(attributes.alpha));
});

onnxKernel<{ clipValueMin: number; clipValueMax: number }>(
  'ClipByValue',
  ({ graph, inputs: { x }, attributes }) =>
    graph.unary('Clip', x!, x!.type, {}, [
      graph.scalar(attributes.clipValueMin, x!.type),
      graph.scalar(attributes.clipValueMax, x!.type),
    ]),
);

onnxKernel('Select', ({ graph, inputs: { condition, t, e } }) => {
  if (t!.type !== 'bool') return choose(graph, condition!, t!, e!);
  // ONNX Runtime chooses among numbers only.
  const otherwise = graph.unary('Not', condition!);
  return binary(graph, 'Or', binary(graph, 'And', condition!, t!), binary(graph, 'And', otherwise, e!));
});

const ELEMENT = { float32: 1, int32: 6, bool: 9 } as const;

export function cast(graph: GraphBuilder, x: Value, type: ValueType): Value {
  if (x.type === type) return x;
  if (x.fill !== null) {
    const value = type === 'bool' ? Number(x.fill !== 0) : type === 'int32' ? Math.trunc(x.fill) : x.fill;
    return graph.fill(value, type, x.shape);
  }
  return graph.unary('Cast', x, type, { to: ELEMENT[type] });
}

onnxKernel<{ dtype: ValueType }>('Cast', ({ graph, inputs: { x }, attributes }) => {
  if (!(attributes.dtype in ELEMENT)) throw new Error(`a cast to ${attributes.dtype} is not traced`);
  return cast(graph, x!, attributes.dtype);
});

onnxKernel('Identity', ({ inputs: { x } }) => x!);
onnxKernel('ZerosLike', ({ graph, inputs: { x } }) => graph.fill(0, x!.type, x!.shape));
onnxKernel('OnesLike', ({ graph, inputs: { x } }) => graph.fill(1, x!.type, x!.shape));
onnxKernel<{ shape: number[]; value: number; dtype?: ValueType }>('Fill', ({ graph, attributes }) =>
  graph.fill(attributes.value, attributes.dtype ?? 'float32', attributes.shape),
);

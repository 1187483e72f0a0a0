/** Kernels that work element by element: arithmetic, comparisons, functions of one variable, choices, casts. */
import { broadcastShape, type GraphBuilder, sameShape, type Value, type ValueType } from '../graph.ts';
import { onnxKernel } from './register.ts';

/** One node of two operands; fills stay scalars where the other operand has the full shape. */
export function binary(graph: GraphBuilder, op: string, a: Value, b: Value, type: ValueType = a.type): Value {
  const shape = broadcastShape(a.shape, b.shape);
  const scalarA = a.fill !== null && sameShape(b.shape, shape) && b.fill === null;
  const scalarB = b.fill !== null && sameShape(a.shape, shape) && a.fill === null;
  return graph.node(
    op,
    [scalarA ? graph.useBroadcast(a) : a, scalarB ? graph.useBroadcast(b) : b],
    type,
    shape,
  );
}

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
    return graph.node('Floor', [quotient], 'float32', quotient.shape);
  }
  // ONNX divides integers toward zero, tfjs downward: floats of 24 bits are exact for what indices reach.
  const quotient = binary(graph, 'Div', cast(graph, a!, 'float32'), cast(graph, b!, 'float32'));
  return cast(graph, graph.node('Floor', [quotient], 'float32', quotient.shape), 'int32');
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
  return graph.node('Not', [equal], 'bool', equal.shape);
});
onnxKernel('LogicalAnd', ({ graph, inputs: { a, b } }) => binary(graph, 'And', a!, b!));
onnxKernel('LogicalOr', ({ graph, inputs: { a, b } }) => binary(graph, 'Or', a!, b!));
onnxKernel('LogicalNot', ({ graph, inputs: { x } }) => graph.node('Not', [x!], 'bool', x!.shape));

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
  onnxKernel(kernel, ({ graph, inputs: { x } }) => graph.node(op, [x!], x!.type, x!.shape));
}

onnxKernel('Square', ({ graph, inputs: { x } }) => binary(graph, 'Mul', x!, x!));
onnxKernel('Rsqrt', ({ graph, inputs: { x } }) =>
  graph.node('Reciprocal', [graph.node('Sqrt', [x!], 'float32', x!.shape)], 'float32', x!.shape),
);

/** log(u) x / (u - 1) with u = 1 + x as it is rounded, x where that is 1: exact near 0 too (Goldberg 1991, theorem 4). */
onnxKernel('Log1p', ({ graph, inputs: { x } }) => {
  const { shape } = x!;
  const one = graph.fill(1, 'float32', []);
  const u = binary(graph, 'Add', x!, one);
  const log = graph.node('Log', [u], 'float32', shape);
  const scaled = binary(graph, 'Mul', log, binary(graph, 'Div', x!, binary(graph, 'Sub', u, one)));
  return graph.node('Where', [binary(graph, 'Equal', u, one, 'bool'), x!, scaled], 'float32', shape);
});

/** exp(x) - 1 = tanh(x / 2) (exp(x) + 1), which takes no difference of numbers that are nearly equal. */
onnxKernel('Expm1', ({ graph, inputs: { x } }) => {
  const { shape } = x!;
  const half = graph.node(
    'Tanh',
    [binary(graph, 'Mul', x!, graph.fill(0.5, 'float32', []))],
    'float32',
    shape,
  );
  const sum = binary(graph, 'Add', graph.node('Exp', [x!], 'float32', shape), graph.fill(1, 'float32', []));
  return binary(graph, 'Mul', half, sum);
});
onnxKernel<{ alpha: number }>('LeakyRelu', ({ graph, inputs: { x }, attributes }) =>
  graph.node('LeakyRelu', [x!], 'float32', x!.shape, { alpha: { float: attributes.alpha } }),
);
onnxKernel('Elu', ({ graph, inputs: { x } }) => graph.node('Elu', [x!], 'float32', x!.shape));
/** dy where y = elu(x) >= 0, dy (y + 1) elsewhere: dy (min(y, 0) + 1). */
onnxKernel('EluGrad', ({ graph, inputs: { dy, y } }) => {
  const below = binary(graph, 'Min', y!, graph.fill(0, 'float32', []));
  return binary(graph, 'Mul', dy!, binary(graph, 'Add', below, graph.fill(1, 'float32', [])));
});

/** 1 where x > 0, alpha elsewhere. */
onnxKernel<{ alpha: number }>('Step', ({ graph, inputs: { x }, attributes }) => {
  const positive = binary(graph, 'Greater', x!, graph.fill(0, x!.type, []), 'bool');
  if (attributes.alpha === 0) return cast(graph, positive, x!.type);
  return graph.node(
    'Where',
    [positive, graph.scalar(1, x!.type), graph.scalar(attributes.alpha, x!.type)],
    x!.type,
    x!.shape,
  );
});

onnxKernel<{ clipValueMin: number; clipValueMax: number }>(
  'ClipByValue',
  ({ graph, inputs: { x }, attributes }) =>
    graph.node(
      'Clip',
      [x!, graph.scalar(attributes.clipValueMin, x!.type), graph.scalar(attributes.clipValueMax, x!.type)],
      x!.type,
      x!.shape,
    ),
);

onnxKernel('Select', ({ graph, inputs: { condition, t, e } }) => {
  const { type, shape } = t!;
  if (type !== 'bool') {
    return graph.node('Where', [condition!, graph.useBroadcast(t!), graph.useBroadcast(e!)], type, shape);
  }
  // ONNX Runtime chooses among numbers only.
  const otherwise = graph.node('Not', [condition!], 'bool', shape);
  return binary(graph, 'Or', binary(graph, 'And', condition!, t!), binary(graph, 'And', otherwise, e!));
});

const ELEMENT = { float32: 1, int32: 6, bool: 9 } as const;

export function cast(graph: GraphBuilder, x: Value, type: ValueType): Value {
  if (x.type === type) return x;
  if (x.fill !== null) {
    const value = type === 'bool' ? Number(x.fill !== 0) : type === 'int32' ? Math.trunc(x.fill) : x.fill;
    return graph.fill(value, type, x.shape);
  }
  return graph.node('Cast', [x], type, x.shape, { to: ELEMENT[type] });
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

/**
 * What programs need of tfjs's WebAssembly backend: kernels it lacks, made of those that it has, and some of its own put
 * right.
 */
import * as tf from './tf.ts';

/** Registers what is missing; the backend `wasm` must have been imported. Does nothing the second time. */
export function registerWasmKernels(): void {
  if (tf.getKernel('UnsortedSegmentSum', 'wasm') !== undefined) return;
  register('Conv2DBackpropFilter', convolutionFilterGradient);
  register('UnsortedSegmentSum', segmentSum);
  wrap('BatchMatMul', transposedFirst);
  wrap('Conv2D', paddedFirst);
  wrap('FusedConv2D', withOwnBias);
  wrap('_FusedMatMul', withOwnBias);
  replace('OneHot', oneHot);
  replaceWhere('Cast', castsToFlags, notZero);
  replaceWhere('ClipByValue', ofIntegers, clipIntegers);
  replaceWhere('Select', amongFlags, chooseFlags);
  replaceWhere('StridedSlice', ofIntegers, sliceAsFloats);
}

function register<Inputs, Attrs>(kernelName: string, kernel: (inputs: Inputs, attrs: Attrs) => tf.Tensor) {
  tf.registerKernel({
    kernelName,
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) => tf.tidy(() => kernel(inputs as Inputs, attrs as Attrs)),
  });
}

function replace<Inputs, Attrs>(
  kernelName: string,
  kernel: (inputs: Inputs, attrs: Attrs) => tf.Tensor,
): void {
  tf.unregisterKernel(kernelName, 'wasm');
  register(kernelName, kernel);
}

/** Leaves a kernel that is there to what it is good for. */
function replaceWhere<Inputs, Attrs>(
  kernelName: string,
  wrong: (inputs: Inputs, attrs: Attrs) => boolean,
  kernel: (inputs: Inputs, attrs: Attrs) => tf.Tensor,
): void {
  const own = tf.getKernel(kernelName, 'wasm');
  tf.unregisterKernel(kernelName, 'wasm');
  tf.registerKernel({
    ...own,
    kernelFunc(call) {
      const inputs = call.inputs as Inputs;
      const attrs = call.attrs as Attrs;
      return wrong(inputs, attrs) ? tf.tidy(() => kernel(inputs, attrs)) : own.kernelFunc(call);
    },
  });
}

/** What a kernel is called with, and which of its inputs were made for this call. */
interface Prepared {
  readonly inputs: tf.NamedTensorInfoMap;
  readonly attrs: tf.NamedAttrMap;
}

/** Calls a kernel that is there with what `prepare` makes of its inputs and attributes. */
function wrap<Inputs extends tf.NamedTensorInfoMap, Attrs>(
  kernelName: string,
  prepare: (inputs: Inputs, attrs: Attrs) => Prepared,
): void {
  const kernel = tf.getKernel(kernelName, 'wasm');
  tf.unregisterKernel(kernelName, 'wasm');
  tf.registerKernel({
    ...kernel,
    kernelFunc({ inputs, attrs, backend }) {
      const prepared = prepare(inputs as Inputs, attrs as Attrs);
      const result = kernel.kernelFunc({ ...prepared, backend });
      for (const [name, input] of Object.entries(prepared.inputs)) {
        if (input !== inputs[name]) (input as tf.Tensor).dispose();
      }
      return result;
    },
  });
}

/**
 * The backend multiplies matrices by a plain loop where one is flagged as transposed, as the gradients of every product
 * are: 10-40 times slower than transposing it first and using the kernel for those that are not.
 */
function transposedFirst(
  { a, b }: { a: tf.Tensor; b: tf.Tensor },
  { transposeA, transposeB }: { transposeA: boolean; transposeB: boolean },
): Prepared {
  return {
    inputs: { a: transposeA ? transposed(a) : a, b: transposeB ? transposed(b) : b },
    attrs: { transposeA: false, transposeB: false },
  };
}

/** The last two axes swapped. */
function transposed(x: tf.Tensor): tf.Tensor {
  const axes = x.shape.map((_, i) => i);
  return tf.transpose(x, [...axes.slice(0, -2), x.rank - 1, x.rank - 2]);
}

/** The backend gives zeros where padding is `same` and a stride goes beyond its filter's side; padded by hand it does not. */
function paddedFirst(
  { x, filter }: { x: tf.Tensor4D; filter: tf.Tensor4D },
  attrs: ConvolutionAttrs & tf.NamedAttrMap,
): Prepared {
  const { strides, pad, dilations, dimRoundingMode } = attrs;
  const [rows, columns] = typeof strides === 'number' ? [strides, strides] : strides;
  if (pad !== 'same' || (rows <= filter.shape[0] && columns <= filter.shape[1])) {
    return { inputs: { x, filter }, attrs };
  }
  const info = tf.backend_util.computeConv2DInfo(
    x.shape,
    filter.shape,
    strides,
    dilations,
    pad,
    dimRoundingMode,
  );
  return { inputs: { x: padded(x, info), filter }, attrs: { ...attrs, pad: 'valid' } };
}

/**
 * The backend takes only biases of rank 1, and takes for a bias' rank that of the tensor which the memory was made for: a
 * bias that is a reshape of something else is refused, where a copy is not.
 */
function withOwnBias(inputs: { bias?: tf.Tensor }, attrs: tf.NamedAttrMap): Prepared {
  const { bias } = inputs;
  const all = inputs as tf.NamedTensorInfoMap;
  return { inputs: bias === undefined ? all : { ...all, bias: tf.clone(bias) }, attrs };
}

interface ConvolutionAttrs {
  readonly strides: number | [number, number];
  readonly pad: 'valid' | 'same' | number;
  readonly dataFormat: 'NHWC' | 'NCHW';
  readonly dilations: number | [number, number];
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

function padded(x: tf.Tensor4D, { padInfo }: tf.backend_util.Conv2DInfo): tf.Tensor4D {
  const { top, bottom, left, right } = padInfo;
  return tf.pad4d(x, [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ]);
}

/**
 * dL/dW[i, j, c, o] = sum over b, y, x of input[b, y s + i, x s + j, c] dy[b, y, x, o]: one matrix product over the
 * patches that the filter saw. `x` [B, H, W, C], `dy` [B, Y, X, O] float32; gives [h, w, C, O].
 */
function convolutionFilterGradient(
  { x, dy }: { x: tf.Tensor4D; dy: tf.Tensor4D },
  {
    filterShape,
    strides,
    pad,
    dataFormat,
    dimRoundingMode,
  }: ConvolutionAttrs & { filterShape: [height: number, width: number, inputs: number, outputs: number] },
): tf.Tensor {
  if (dataFormat !== 'NHWC') throw new Error(`convolutions on wasm are NHWC, and this one is ${dataFormat}`);
  const info = tf.backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad, dimRoundingMode);
  const whole = padded(x, info);
  const { batchSize, outHeight, outWidth, inChannels, strideHeight, strideWidth } = info;
  const patches: tf.Tensor[] = [];
  for (let i = 0; i < info.filterHeight; i++) {
    for (let j = 0; j < info.filterWidth; j++) {
      const end = [
        batchSize,
        i + (outHeight - 1) * strideHeight + 1,
        j + (outWidth - 1) * strideWidth + 1,
        inChannels,
      ];
      patches.push(tf.stridedSlice(whole, [0, i, j, 0], end, [1, strideHeight, strideWidth, 1]));
    }
  }
  const positions = batchSize * outHeight * outWidth;
  const columns = tf.reshape(tf.concat(patches, 3), [positions, -1]);
  return tf.reshape(tf.matMul(columns, tf.reshape(dy, [positions, info.outChannels]), true), filterShape);
}

/**
 * out[k, ...] = sum of x[n, ...] where ids[n] = k, rows with other ids dropped. `x` [n..., ...] float32 or int32, `ids`
 * [n...] int32. Rows are added where they lie: a product with one-hot ids would need n K numbers.
 */
function segmentSum(
  { x, segmentIds }: { x: tf.Tensor; segmentIds: tf.Tensor },
  { numSegments }: { numSegments: number },
): tf.Tensor {
  const inner = x.shape.slice(segmentIds.rank);
  const width = inner.reduce((product, side) => product * side, 1);
  const ids = segmentIds.dataSync<'int32'>();
  const values = x.dataSync();
  const sums =
    x.dtype === 'int32' ? new Int32Array(numSegments * width) : new Float32Array(numSegments * width);
  for (let n = 0; n < ids.length; n++) {
    const k = ids[n]!;
    if (k < 0 || k >= numSegments) continue;
    for (let d = 0; d < width; d++) sums[k * width + d]! += values[n * width + d]!;
  }
  return tf.tensor(sums, [numSegments, ...inner], x.dtype);
}

/**
 * The backend writes integers whatever the dtype asked for is, and an index outside over memory that is another's.
 * `indices` [...] int32; gives [..., depth], `offValue` everywhere for such an index.
 */
function oneHot(
  { indices }: { indices: tf.Tensor },
  {
    depth,
    onValue,
    offValue,
    dtype,
  }: { depth: number; onValue: number; offValue: number; dtype: tf.DataType },
): tf.Tensor {
  const hot = tf.equal(tf.expandDims(indices, -1), tf.range(0, depth, 1, 'int32'));
  if (onValue === 1 && offValue === 0) return tf.cast(hot, dtype);
  return tf.cast(tf.where(hot, tf.scalar(onValue), tf.scalar(offValue)), dtype);
}

/** The backend cuts numbers off to bytes where it should ask whether they are 0. */
const castsToFlags = ({ x }: { x: tf.Tensor }, { dtype }: { dtype: tf.DataType }) =>
  dtype === 'bool' && x.dtype !== 'bool';
const notZero = ({ x }: { x: tf.Tensor }) => tf.notEqual(x, tf.scalar(0, x.dtype as 'int32'));

const ofIntegers = ({ x }: { x: tf.Tensor }) => x.dtype === 'int32';

/** The backend clips integers as if their bits were those of floats. */
const clipIntegers = (
  { x }: { x: tf.Tensor },
  { clipValueMin, clipValueMax }: { clipValueMin: number; clipValueMax: number },
) => tf.minimum(tf.maximum(x, tf.scalar(clipValueMin, 'int32')), tf.scalar(clipValueMax, 'int32'));

interface Choice {
  readonly condition: tf.Tensor;
  readonly t: tf.Tensor;
  readonly e: tf.Tensor;
}

/** The backend writes four bytes for each flag, over memory that is another's. */
const amongFlags = ({ t }: Choice) => t.dtype === 'bool';
const chooseFlags = ({ condition, t, e }: Choice) =>
  tf.logicalOr(tf.logicalAnd(condition, t), tf.logicalAnd(tf.logicalNot(condition), e));

/** The backend calls all that it cuts with strides floats. Exact below 2^24. */
const sliceAsFloats = ({ x }: { x: tf.Tensor }, attrs: tf.NamedAttrMap) =>
  tf.cast(tf.engine().runKernel('StridedSlice', { x: tf.cast(x, 'float32') }, attrs) as tf.Tensor, 'int32');

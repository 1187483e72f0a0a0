/**
 * What a policy's ONNX files claim to be, read from their structure without anything that could run them: a file from
 * elsewhere is looked at here before ONNX Runtime sees it.
 */
import protobuf from 'protobufjs';
import { type ElementName, ElementType } from '../engine/onnx/model.ts';
import { type PolicyCard, PolicyError } from './card.ts';
import { LARGEST_TENSOR, largeTensor, type SizedNode, type SizedTensor } from './sizes.ts';

// Field numbers are those of onnx/onnx.proto, of which this names what can lead out of a file or hide work in it. A message
// that is there twice is one to some readers and the last to others: what counts here is read as a list, to see all of it.
const PROTO = `
syntax = "proto3";
message Entry { string key = 1; string value = 2; }
message TensorValue {
  int32 data_type = 2; repeated int32 int32_data = 5; repeated int64 int64_data = 7; string name = 8; bytes raw_data = 9;
  repeated Entry external_data = 13; int32 data_location = 14;
}
message Attribute {
  string name = 1; repeated TensorValue t = 5; repeated bytes g = 6; repeated int64 ints = 8;
  repeated TensorValue tensors = 10; repeated bytes graphs = 11;
}
message Node {
  repeated string input = 1; repeated string output = 2; string op_type = 4; repeated Attribute attribute = 5;
  string domain = 7;
}
message Dimension { oneof value { int64 dim_value = 1; string dim_param = 2; } }
message Shape { repeated Dimension dim = 1; }
message TensorType { int32 elem_type = 1; Shape shape = 2; }
message Type { TensorType tensor_type = 1; }
message ValueInfo { string name = 1; Type type = 2; }
message Graph {
  repeated Node node = 1; repeated TensorValue initializer = 5; repeated ValueInfo input = 11; repeated ValueInfo output = 12;
  repeated bytes sparse_initializer = 15;
}
message Model { repeated Graph graph = 7; repeated bytes functions = 25; }`;

const Model = protobuf.parse(PROTO, { keepCase: true }).root.lookupType('Model');

interface Tensor extends SizedTensor {
  readonly external_data: readonly unknown[];
  readonly data_location: number;
}

interface Value {
  readonly name: string;
  readonly type: {
    readonly tensor_type: {
      readonly elem_type: number;
      readonly shape: { readonly dim: readonly { readonly dim_value?: { toString(): string } }[] } | null;
    } | null;
  } | null;
}

interface Structure {
  readonly graph: readonly {
    readonly node: readonly (SizedNode & {
      readonly domain: string;
      readonly attribute: readonly {
        readonly t: readonly Tensor[];
        readonly g: readonly Uint8Array[];
        readonly tensors: readonly Tensor[];
        readonly graphs: readonly Uint8Array[];
      }[];
    })[];
    readonly initializer: readonly Tensor[];
    readonly sparse_initializer: readonly Uint8Array[];
    readonly input: readonly Value[];
    readonly output: readonly Value[];
  }[];
  readonly functions: readonly Uint8Array[];
}

/** An input or output that a card promises. `shape` is without the axis of rows. */
interface End {
  readonly name: string;
  readonly type: ElementName;
  readonly shape: readonly number[];
}

/** All that a card promises of one file. */
export interface Ends {
  readonly inputs: readonly End[];
  readonly outputs: readonly End[];
}

const float = (name: string, ...shape: number[]): End => ({ name, type: 'float32', shape });
const bytes = (name: string, ...shape: number[]): End => ({ name, type: 'uint8', shape });

/** Ends of a card's networks. */
export function networkEnds({ observation, stateSize, signals, actions, symbols }: PolicyCard): Ends {
  return {
    inputs: [
      { name: 'observation', type: observation.dtype, shape: observation.shape },
      ...(stateSize > 0 ? [float('state', stateSize)] : []),
      ...signals.map(({ name, slots }) => bytes(name, slots)),
    ],
    outputs: [
      float('probabilities', actions.length),
      float('value'),
      ...(stateSize > 0 ? [float('nextState', stateSize)] : []),
      ...(symbols > 0 ? [float('symbolProbabilities', symbols)] : []),
    ],
  };
}

/** Ends of its models of others, where it has some. */
export function modelEnds({ observation, players, actions, moa }: PolicyCard): Ends {
  const state = moa?.stateSize ?? 0;
  return {
    inputs: [
      { name: 'observation', type: observation.dtype, shape: observation.shape },
      bytes('joint', players),
      float('pi', actions.length),
      float('state', state),
    ],
    outputs: [
      float('predictions', players - 1, actions.length),
      float('influence', players - 1),
      float('nextState', state),
    ],
  };
}

/** Python's pickles begin with it, from protocol 2 on, which is what `torch.save` and `pickle.dump` write. */
const PICKLE = 0x80;
/** Zip archives, in which newer versions of `torch.save` wrap their pickles. */
const ZIP = 'PK\u0003\u0004';

/** What a file is that should be something else, where its first bytes say so; else null. */
export function disguise(file: Uint8Array): string | null {
  const [first = 0, second = 0] = file;
  if (first === PICKLE && second >= 2 && second <= 5) return 'a Python pickle';
  if (Buffer.from(file.subarray(0, 4)).toString('latin1') === ZIP)
    return 'a zip archive, as torch.save writes';
  return null;
}

/** @param source what errors call the file. @throws {PolicyError} for one that is something else in disguise. */
export function refuseDisguise(file: Uint8Array, source: string): void {
  const other = disguise(file);
  if (other === null) return;
  throw new PolicyError(`${source} is ${other}, which is never opened here: export the policy as ONNX`);
}

/**
 * @param source what errors call the file.
 * @throws {PolicyError} for a file that is no ONNX model, has other ends than its card says, leads out of itself to other
 * files, asks for more memory than any policy needs, or has parts that are run as programs are: loops, branches, functions, operators of unknown making.
 */
export function checkStructure(file: Uint8Array, { inputs, outputs }: Ends, source: string): void {
  const refuse: (problem: string) => never = (problem) => {
    throw new PolicyError(`${source} ${problem}`);
  };
  refuseDisguise(file, source);
  const { graph: graphs, functions } = decode(file, refuse);
  const [graph] = graphs;
  if (graph === undefined) refuse('is no ONNX model: it has no graph');
  if (graphs.length > 1) refuse('has several graphs, of which one is run');
  if (functions.length > 0) refuse('defines functions of its own, which policies have no need of');
  if (graph.sparse_initializer.length > 0) refuse('has sparse weights, which policies have no need of');
  const tensors = [...graph.initializer];
  for (const { op_type, domain, attribute } of graph.node) {
    if (domain !== '' && domain !== 'ai.onnx') {
      refuse(`needs the operator ${domain}.${op_type}, only ONNX's own are run`);
    }
    for (const { t, g, tensors: more, graphs: bodies } of attribute) {
      if (g.length > 0 || bodies.length > 0)
        refuse(`has a ${op_type} with a graph of its own, which is not run`);
      tensors.push(...t, ...more);
    }
  }
  if (tensors.some(({ external_data, data_location }) => external_data.length > 0 || data_location !== 0)) {
    refuse('has weights in other files: a policy is whole in its own');
  }
  const large = largeTensor(graph.node, graph.initializer);
  if (large !== null) {
    refuse(
      `has a ${large.operator} of ${large.elements} elements, at most ${LARGEST_TENSOR} are made room for`,
    );
  }
  const given = new Set(inputs.map(({ name }) => name));
  const extra = graph.input.find(({ name }) => !given.has(name));
  if (extra !== undefined) refuse(`asks for an input ${extra.name}, which nothing gives it`);
  for (const end of inputs) checkEnd('input', end, graph.input, refuse);
  for (const end of outputs) checkEnd('output', end, graph.output, refuse);
}

function decode(file: Uint8Array, refuse: (problem: string) => never): Structure {
  try {
    return Model.decode(file) as unknown as Structure;
  } catch {
    return refuse('is no ONNX model, or was cut off: its bytes make no sense');
  }
}

function checkEnd(
  what: string,
  { name, type, shape }: End,
  values: readonly Value[],
  refuse: (problem: string) => never,
): void {
  const value = values.find((candidate) => candidate.name === name);
  if (value === undefined) {
    refuse(`has no ${what} ${name}, only ${values.map((one) => one.name).join(', ') || 'none'}`);
  }
  const tensor = value.type?.tensor_type ?? null;
  const sides = tensor?.shape?.dim;
  const stated = `${type} [rows${shape.map((side) => `, ${side}`).join('')}]`;
  const has = () => {
    const found = Object.entries(ElementType).find(([, number]) => number === tensor?.elem_type)?.[0];
    return `${found ?? 'no tensor'} [${(sides ?? []).map(({ dim_value }) => Number(dim_value?.toString() ?? 0) || '?').join(', ')}]`;
  };
  const differs =
    tensor === null ||
    tensor.elem_type !== ElementType[type] ||
    (sides !== undefined &&
      (sides.length !== shape.length + 1 ||
        shape.some((side, k) => {
          const declared = Number(sides[k + 1]!.dim_value?.toString() ?? 0);
          // A side that the file leaves open is decided when it runs.
          return declared !== 0 && declared !== side;
        })));
  if (differs) refuse(`has ${what} ${name} as ${has()}, its card says ${stated}`);
}

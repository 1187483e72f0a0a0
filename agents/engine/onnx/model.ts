/** ONNX files: the part of onnx.proto3 that a graph of tensors needs, written with protobufjs. */
import protobuf from 'protobufjs';

/** What ONNX calls the element types that are used here (TensorProto.DataType). */
export const ElementType = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9 } as const;
export type ElementName = keyof typeof ElementType;

const IR_VERSION = 8;
export const OPSET = 17;

// Field numbers are those of onnx/onnx.proto; what is not used is left out, as protobuf allows.
const PROTO = `
syntax = "proto3";
message Attribute {
  string name = 1; float f = 2; int64 i = 3; bytes s = 4; repeated float floats = 7; repeated int64 ints = 8;
  int32 type = 20;
}
message Node {
  repeated string input = 1; repeated string output = 2; string name = 3; string op_type = 4; string domain = 7;
  repeated Attribute attribute = 5;
}
message TensorValue { repeated int64 dims = 1; int32 data_type = 2; string name = 8; bytes raw_data = 9; }
message Dimension { oneof value { int64 dim_value = 1; string dim_param = 2; } }
message Shape { repeated Dimension dim = 1; }
message TensorType { int32 elem_type = 1; Shape shape = 2; }
message Type { TensorType tensor_type = 1; }
message ValueInfo { string name = 1; Type type = 2; }
message Graph {
  repeated Node node = 1; string name = 2; repeated TensorValue initializer = 5; string doc_string = 10;
  repeated ValueInfo input = 11; repeated ValueInfo output = 12;
}
message OperatorSet { string domain = 1; int64 version = 2; }
message Property { string key = 1; string value = 2; }
message Model {
  int64 ir_version = 1; string producer_name = 2; string producer_version = 3; Graph graph = 7;
  repeated OperatorSet opset_import = 8; repeated Property metadata_props = 14;
}`;

const Model = protobuf.parse(PROTO, { keepCase: true }).root.lookupType('Model');

/** An attribute: an int, ints, a float marked as such, or a string. */
export type Attribute = number | readonly number[] | { readonly float: number } | string;

export interface OnnxNode {
  readonly op: string;
  /** Empty for ONNX's own operators. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface OnnxTensor {
  readonly name: string;
  readonly type: ElementName;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

export interface OnnxValue {
  readonly name: string;
  readonly type: ElementName;
  /** A side that is text is one that every run sets anew, the same wherever the text is. */
  readonly shape: readonly (number | string)[];
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

const AttributeType = { float: 1, int: 2, string: 3, ints: 7 } as const;

function attribute(name: string, value: Attribute) {
  if (typeof value === 'number') return { name, i: value, type: AttributeType.int };
  if (typeof value === 'string') {
    return { name, s: new TextEncoder().encode(value), type: AttributeType.string };
  }
  if ('float' in value) return { name, f: value.float, type: AttributeType.float };
  return { name, ints: [...value], type: AttributeType.ints };
}

const valueInfo = ({ name, type, shape }: OnnxValue) => ({
  name,
  type: {
    tensor_type: {
      elem_type: ElementType[type],
      shape: {
        dim: shape.map((side) => (typeof side === 'number' ? { dim_value: side } : { dim_param: side })),
      },
    },
  },
});

/** @param metadata key-value pairs that readers such as Netron show. */
export function encodeModel(graph: OnnxGraph, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const domains = new Set(graph.nodes.map((node) => node.domain).filter((domain) => domain !== ''));
  return Model.encode({
    ir_version: IR_VERSION,
    producer_name: 'commons-arena',
    opset_import: [{ domain: '', version: OPSET }, ...[...domains].map((domain) => ({ domain, version: 1 }))],
    metadata_props: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    graph: {
      name: graph.name,
      node: graph.nodes.map((node, k) => ({
        name: `${node.op}_${k}`,
        op_type: node.op,
        domain: node.domain,
        input: node.inputs,
        output: node.outputs,
        attribute: Object.entries(node.attributes).map(([name, value]) => attribute(name, value)),
      })),
      initializer: graph.initializers.map(({ name, type, shape, bytes }) => ({
        name,
        data_type: ElementType[type],
        dims: shape,
        raw_data: bytes,
      })),
      input: graph.inputs.map(valueInfo),
      output: graph.outputs.map(valueInfo),
    },
  }).finish();
}

/** The float32 constants of a model, as views of its bytes. */
export function floatInitializers(
  model: Uint8Array,
): { readonly name: string; readonly bytes: Uint8Array }[] {
  const { graph } = Model.decode(model) as unknown as {
    graph: { initializer: { name: string; data_type: number; raw_data: Uint8Array }[] };
  };
  return graph.initializer
    .filter(({ data_type }) => data_type === ElementType.float32)
    .map(({ name, raw_data }) => ({ name, bytes: raw_data }));
}

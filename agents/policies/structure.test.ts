import fc from 'fast-check';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { encodeModel } from '../engine/onnx/model.ts';
import { PolicyError } from './card.ts';
import { checkStructure, modelEnds, networkEnds } from './structure.ts';
import { readEntry, readZoo } from './zoo.ts';

const { card, networks } = readEntry('harvest-dqn');
const network = networks[0]!;
const ends = networkEnds(card);

const check = (file: Uint8Array) => () => checkStructure(file, ends, 'policy.onnx');

/** The network with more fields of the model behind it. */
function withFields(write: (writer: protobuf.Writer) => void): Uint8Array {
  const writer = protobuf.Writer.create();
  write(writer);
  return Buffer.concat([network, writer.finish()]);
}

/** A model of nothing but a graph. */
function modelOf(write: (graph: protobuf.Writer) => void): Uint8Array {
  const writer = protobuf.Writer.create();
  writer.uint32((7 << 3) | 2).fork();
  write(writer);
  return writer.ldelim().finish();
}

describe('the structure of an ONNX file', () => {
  it('is that of its card, for all of the zoo', () => {
    for (const { files } of readZoo()) {
      for (const bytes of files!.networks) checkStructure(bytes, networkEnds(files!.card), 'a network');
      for (const bytes of files!.models) checkStructure(bytes, modelEnds(files!.card), 'a model');
    }
  });

  it('is no pickle', () => {
    const pickle = Buffer.from('\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix', 'latin1');
    expect(check(pickle)).toThrow('policy.onnx is a Python pickle, which is never opened here');
  });

  it('is no archive of one', () => {
    expect(check(Buffer.from('PK\x03\x04rest'))).toThrow(/is a zip archive, as torch\.save writes/);
  });

  it('is whole', () => {
    expect(check(network.subarray(0, network.length / 2))).toThrow(/is no ONNX model, or was cut off/);
  });

  it('has a graph', () => {
    expect(check(new Uint8Array())).toThrow(/it has no graph/);
  });

  it('has one graph: a second would be added to the first by those who run it', () => {
    expect(
      check(
        withFields((writer) =>
          writer
            .uint32((7 << 3) | 2)
            .fork()
            .ldelim(),
        ),
      ),
    ).toThrow(/several graphs/);
  });

  it('has no functions', () => {
    expect(check(withFields((writer) => writer.uint32((25 << 3) | 2).bytes(Buffer.of(1))))).toThrow(
      /defines functions of its own/,
    );
  });

  it('has its weights in itself', () => {
    const file = modelOf((graph) => {
      // An initializer whose data_location is EXTERNAL.
      graph.uint32((5 << 3) | 2).fork();
      graph.uint32((14 << 3) | 0).int32(1);
      graph.ldelim();
    });
    expect(check(file)).toThrow(/has weights in other files/);
  });

  it('has no loops', () => {
    const file = modelOf((graph) => {
      graph.uint32((1 << 3) | 2).fork();
      graph.uint32((4 << 3) | 2).string('Loop');
      graph.uint32((5 << 3) | 2).fork();
      graph.uint32((6 << 3) | 2).bytes(Buffer.of(10, 0));
      graph.ldelim().ldelim();
    });
    expect(check(file)).toThrow(/has a Loop with a graph of its own/);
  });

  it.each([
    ['ConstantOfShape', ['shape'], [4_000, 4_001], 'ConstantOfShape of 16004000 elements'],
    ['Expand', ['observation', 'shape'], [1, -1, 20_000_000], 'Expand of 20000000 elements'],
    ['Tile', ['observation', 'shape'], [3_000_000_000], 'Tile of 3000000000 elements'],
  ])('makes no room for more than any policy needs: %s', (op, inputs, shape, problem) => {
    const bytes = new Uint8Array(BigInt64Array.from(shape, BigInt).buffer);
    const file = encodeModel(
      {
        name: 'bomb',
        nodes: [{ op, domain: '', inputs, outputs: ['much'], attributes: {} }],
        initializers: [{ name: 'shape', type: 'int64', shape: [shape.length], bytes }],
        inputs: [],
        outputs: [],
      },
      {},
    );
    expect(check(file)).toThrow(`policy.onnx has a ${problem}, at most 16000000 are made room for`);
  });

  it('has only operators of ONNX', () => {
    const file = modelOf((graph) => {
      graph.uint32((1 << 3) | 2).fork();
      graph.uint32((4 << 3) | 2).string('PyOp');
      graph.uint32((7 << 3) | 2).string('ai.onnx.contrib');
      graph.ldelim();
    });
    expect(check(file)).toThrow('needs the operator ai.onnx.contrib.PyOp');
  });

  it('has the ends that its card says', () => {
    const more = networkEnds({ ...card, symbols: 4 });
    expect(() => checkStructure(network, more, 'it')).toThrow(
      /^it has no output symbolProbabilities, only .*probabilities/,
    );
    const wider = networkEnds({ ...card, actions: [...card.actions, 'fly'] });
    expect(() => checkStructure(network, wider, 'it')).toThrow(
      'it has output probabilities as float32 [?, 8], its card says float32 [rows, 9]',
    );
  });

  it('asks for nothing that nobody gives', () => {
    const { card: moa, networks: hearing } = readEntry('harvest-moa');
    expect(() => checkStructure(hearing[0]!, networkEnds({ ...moa, signals: [] }), 'it')).toThrow(
      'it asks for an input lastActions, which nothing gives it',
    );
  });

  it('is looked at without a fault, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(check(bytes)).toThrow(PolicyError);
      }),
    );
  });
});

/**
 * A vector that a graph only cuts up, as all weights of a network are, need not be cut at each run: the pieces lie one
 * after another in the caller's array, so the graph can have each as an input of its own. The cut of 117,297 weights took
 * 50 to 90 us, half of a policy's step for a few players.
 */
import type { OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from './model.ts';

/** A piece of a vector that is fed. */
export interface View {
  /** What the graph calls it. */
  readonly name: string;
  /** Of its first element. */
  readonly offset: number;
  readonly shape: readonly number[];
}

export interface Viewed {
  readonly graph: OnnxGraph;
  /** By the input that they are pieces of. */
  readonly views: Readonly<Record<string, readonly View[]>>;
}

/** The graph with the pieces of its vectors as inputs; a vector that is used whole too stays one. */
export function withViews(graph: OnnxGraph): Viewed {
  const constants = new Map(graph.initializers.map((constant) => [constant.name, constant]));
  const uses = new Map<string, OnnxNode[]>();
  for (const node of graph.nodes) {
    for (const input of new Set(node.inputs)) uses.set(input, [...(uses.get(input) ?? []), node]);
  }
  const ends = new Set(graph.outputs.map(({ name }) => name));
  const gone = new Set<OnnxNode>();
  const renamed = new Map<string, string>();
  const views: Record<string, View[]> = {};

  for (const input of graph.inputs) {
    const cut = (uses.get(input.name) ?? []).find(
      (node) => node.op === 'Split' && node.attributes.axis === 0,
    );
    if (cut === undefined || input.shape.length !== 1 || cut.outputs.some((output) => ends.has(output)))
      continue;
    gone.add(cut);
    let offset = 0;
    views[input.name] = int64s(constants.get(cut.inputs[1]!)!).map((size, k) => {
      const output = cut.outputs[k]!;
      const name = `${input.name}@${offset}`;
      const shaped = onlyReshape(uses.get(output) ?? [], ends);
      const shape = shaped === null ? [size] : int64s(constants.get(shaped.inputs[1]!)!);
      if (shaped !== null) gone.add(shaped);
      renamed.set(shaped?.outputs[0] ?? output, name);
      offset += size;
      return { name, offset: offset - size, shape };
    });
  }

  const nodes = graph.nodes
    .filter((node) => !gone.has(node))
    .map((node) => ({ ...node, inputs: node.inputs.map((name) => renamed.get(name) ?? name) }));
  const used = new Set(nodes.flatMap((node) => node.inputs));
  const inputs = graph.inputs.flatMap((input): OnnxValue[] => {
    const pieces = (views[input.name] ?? []).filter(({ name }) => used.has(name));
    const whole = views[input.name] === undefined || used.has(input.name) ? [input] : [];
    return [...whole, ...pieces.map(({ name, shape }) => ({ name, type: input.type, shape }))];
  });
  const initializers = graph.initializers.filter(({ name }) => used.has(name));
  return { graph: { ...graph, nodes, inputs, initializers }, views };
}

/** The reshape, if that is all that is done with a tensor. */
function onlyReshape(users: readonly OnnxNode[], ends: ReadonlySet<string>): OnnxNode | null {
  const [node] = users;
  return users.length === 1 && node!.op === 'Reshape' && !ends.has(node!.outputs[0]!) ? node! : null;
}

function int64s({ bytes }: OnnxTensor): number[] {
  return Array.from(new BigInt64Array(bytes.slice().buffer), Number);
}

/** Breadth-first search over numbered nodes: the nearest first, each once, and how the way to it begins. */

/** Searches after which the marks are wiped: what there is room for beside a move. */
const RUNS = 1 << 13;
const MOVE_BITS = 3;
const MOVE = (1 << MOVE_BITS) - 1;

export class BreadthFirst {
  /** Steps from the start to the node that `next` gave last. */
  distance = 0;
  #node = 0;
  #head = 0;
  #tail = 0;
  /** Where in the queue the nodes of the next distance begin. */
  #farther = 0;
  /** Number of this search: telling its marks from those of earlier ones spares wiping them each time. */
  #run = 0;
  readonly #queue: Uint16Array;
  /** [nodes] the search that reached a node last, and the move that begins the way to it. */
  readonly #marks: Uint16Array;

  /** @param nodes how many there are, at most 2^16. */
  constructor(nodes: number) {
    this.#queue = new Uint16Array(nodes);
    this.#marks = new Uint16Array(nodes);
  }

  start(node: number): void {
    if (++this.#run === RUNS) {
      this.#marks.fill(0);
      this.#run = 1;
    }
    this.#marks[node] = this.#run << MOVE_BITS;
    this.#queue[0] = node;
    this.#head = 0;
    this.#tail = 1;
    this.#farther = 1;
    this.distance = 0;
  }

  /** The next node, the start first, or -1. */
  next(): number {
    if (this.#head === this.#tail) return -1;
    if (this.#head === this.#farther) {
      this.distance++;
      this.#farther = this.#tail;
    }
    return (this.#node = this.#queue[this.#head++]!);
  }

  /** Lets the search go on from the node that `next` gave last to another. @param move what leads there, below 8. */
  reach(node: number, move: number): void {
    if (this.#marks[node]! >> MOVE_BITS === this.#run) return;
    this.#marks[node] = (this.#run << MOVE_BITS) | (this.distance === 0 ? move : this.firstTo(this.#node));
    this.#queue[this.#tail++] = node;
  }

  /** The move that begins a shortest way to a node that was reached, other than the start. */
  firstTo(node: number): number {
    return this.#marks[node]! & MOVE;
  }
}

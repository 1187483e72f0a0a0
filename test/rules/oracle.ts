/**
 * A second, slow implementation of one step without growth, written from the rules' text over plain objects: it shares
 * nothing with the engine, and where a draw decides it lists every way the draw can come out.
 */

export interface Player {
  readonly row: number;
  readonly column: number;
  /** 0 up, 1 right, 2 down, 3 left. */
  readonly facing: number;
}

export interface State {
  /** `@` wall, `A` apple, `H` waste, `R` river, `S` stream, anything else floor. */
  readonly map: readonly string[];
  readonly players: readonly Player[];
}

export interface Outcome extends State {
  readonly rewards: readonly number[];
}

const VECTORS = [
  [-1, 0],
  [0, 1],
  [1, 0],
  [0, -1],
] as const;
/** Quarter turns clockwise from the facing, for left, right, forward and backward. */
const TURNS = [3, 1, 0, 2];

type Cell = `${number},${number}`;
const key = (row: number, column: number): Cell => `${row},${column}`;

function isWall(map: readonly string[], row: number, column: number): boolean {
  const letter = map[row]?.[column];
  return letter === undefined || letter === '@';
}

/** Every way a step can come out, as the draws fall. */
export function outcomes(state: State, actions: readonly number[]): Outcome[] {
  return moved(state, actions).flatMap((after) => {
    const { map, rewards } = eaten(after);
    return orders(actions.flatMap((action, i) => (action >= 7 ? [i] : []))).map((order) =>
      fired({ map, players: after.players, rewards }, actions, order),
    );
  });
}

/** Turns and moves. */
function moved(state: State, actions: readonly number[]): State[] {
  const { map, players } = state;
  const turned = players.map((player, i) => {
    const turn = actions[i] === 5 ? 1 : actions[i] === 6 ? 3 : 0;
    return { ...player, facing: (player.facing + turn) % 4 };
  });
  // (1) a step into a wall or off the map is a stay
  const wishes = turned.map(({ row, column, facing }, i): Cell | null => {
    const action = actions[i]!;
    if (action > 3) return null;
    const [dr, dc] = VECTORS[(facing + TURNS[action]!) % 4]!;
    return isWall(map, row + dr, column + dc) ? null : key(row + dr, column + dc);
  });
  // (2) one of those who want the same cell keeps its wish
  return draws(wishes).map((drawn) => {
    const kept = [...drawn];
    const at = turned.map(({ row, column }) => key(row, column));
    // (3) until nothing changes: into a cell whose occupant stays is a stay, and so is a swap
    for (let changed = true; changed; ) {
      changed = false;
      kept.forEach((wish, i) => {
        if (wish === null) return;
        const occupant = at.indexOf(wish);
        if (occupant < 0) return;
        if (kept[occupant] === null) {
          kept[i] = null;
          changed = true;
        } else if (kept[occupant] === at[i]) {
          kept[i] = null;
          kept[occupant] = null;
          changed = true;
        }
      });
    }
    // (4) all that remain happen at once
    const after = turned.map((player, i) => {
      const wish = kept[i];
      if (wish === null || wish === undefined) return player;
      const [row, column] = wish.split(',').map(Number);
      return { ...player, row: row!, column: column! };
    });
    return { map, players: after };
  });
}

/** All ways to leave each wanted cell to one of those who want it. */
function draws(wishes: readonly (Cell | null)[]): (Cell | null)[][] {
  const cells = [...new Set(wishes.filter((wish) => wish !== null))];
  let ways: (Cell | null)[][] = [wishes.map(() => null)];
  for (const cell of cells) {
    const contenders = wishes.flatMap((wish, i) => (wish === cell ? [i] : []));
    ways = ways.flatMap((way) =>
      contenders.map((winner) => way.map((wish, i) => (i === winner ? cell : wish))),
    );
  }
  return ways;
}

function eaten(state: State): Outcome {
  const cells = state.map.map((row) => Array.from(row));
  const rewards = state.players.map(({ row, column }) => {
    if (cells[row]![column] !== 'A') return 0;
    cells[row]![column] = ' ';
    return 1;
  });
  return { map: cells.map((row) => row.join('')), players: state.players, rewards };
}

function orders(players: readonly number[]): number[][] {
  if (players.length <= 1) return [[...players]];
  return players.flatMap((first) =>
    orders(players.filter((i) => i !== first)).map((rest) => [first, ...rest]),
  );
}

/** The beams of those who fire (7) or clean (8), in `order`. */
function fired(state: Outcome, actions: readonly number[], order: readonly number[]): Outcome {
  const cells = state.map.map((row) => Array.from(row));
  const rewards = [...state.rewards];
  for (const shooter of order) {
    const { row, column, facing } = state.players[shooter]!;
    const cleaning = actions[shooter] === 8;
    if (!cleaning) rewards[shooter]! -= 1;
    const [ar, ac] = VECTORS[facing]!;
    const [sr, sc] = VECTORS[(facing + 1) % 4]!;
    for (const side of [-1, 0, 1]) {
      const first = side === 0 ? 1 : 0;
      for (let k = first; k < first + 5; k++) {
        const r = row + ar * k + sr * side;
        const c = column + ac * k + sc * side;
        if (isWall(state.map, r, c)) break;
        const hit = state.players.findIndex((player) => player.row === r && player.column === c);
        const waste = cleaning && cells[r]![c] === 'H';
        if (waste) cells[r]![c] = 'R';
        if (hit >= 0 && !cleaning) rewards[hit]! -= 50;
        if (hit >= 0 || waste) break;
      }
    }
  }
  return { map: cells.map((row) => row.join('')), players: state.players, rewards };
}

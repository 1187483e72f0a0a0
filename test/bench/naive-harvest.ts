/**
 * The speed to beat: Harvest as one would write it first, over plain typed arrays, with simplified rules (38x16, eight
 * actions, a beam of one ray, regrowth by twelve neighbours, windows of class ids copied cell by cell).
 */
const WIDTH = 38;
const HEIGHT = 16;
const RADIUS = 7;
const SIDE = 2 * RADIUS + 1;
const STRIDE = WIDTH + 2 * RADIUS;
const ROWS = HEIGHT + 2 * RADIUS;

export interface NaiveHarvest {
  step(actions: Uint8Array): void;
  observe(): void;
  /** [N, 15, 15]. */
  readonly observations: Uint8Array;
  random(): number;
}

export function naiveHarvest(players: number, seed: number): NaiveHarvest {
  const grid = new Uint8Array(STRIDE * ROWS).fill(1);
  let state = seed >>> 0 || 1;
  const random = () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
  const sites: number[] = [];
  for (let y = 1; y < HEIGHT - 1; y++) {
    for (let x = 1; x < WIDTH - 1; x++) {
      const cell = (y + RADIUS) * STRIDE + x + RADIUS;
      grid[cell] = 0;
      if ((x + y) % 3 && y % 5 && x % 6) {
        sites.push(cell);
        grid[cell] = 2;
      }
    }
  }
  const position = new Int32Array(players);
  const facing = new Uint8Array(players);
  const occupied = new Uint8Array(STRIDE * ROWS);
  for (let i = 0; i < players; i++) {
    position[i] = (RADIUS + 1 + i) * STRIDE + RADIUS + 1;
    occupied[position[i]!] = 1 + i;
  }
  const apples = Int32Array.from(sites);
  const directions = [-STRIDE, 1, STRIDE, -1];
  const observations = new Uint8Array(players * SIDE * SIDE);
  const rewards = new Float32Array(players);
  const offsets = [0, 1, 2, 3].map((turns) => {
    const table = new Int32Array(SIDE * SIDE);
    for (let r = 0; r < SIDE; r++) {
      for (let c = 0; c < SIDE; c++) {
        let y = r - RADIUS;
        let x = c - RADIUS;
        for (let k = 0; k < turns; k++) [y, x] = [x, -y];
        table[r * SIDE + c] = y * STRIDE + x;
      }
    }
    return table;
  });
  const near: number[] = [];
  for (let dy = -2; dy <= 2; dy++) {
    for (let dx = -2; dx <= 2; dx++) if (dx * dx + dy * dy <= 4 && (dx || dy)) near.push(dy * STRIDE + dx);
  }
  const neighbours = Int32Array.from(near);
  const chance = [0, 0.005, 0.02, 0.05].map((p) => p * 4294967296);
  return {
    observations,
    random,
    step(actions) {
      rewards.fill(0);
      for (let i = 0; i < players; i++) {
        const action = actions[i]!;
        if (action < 4) {
          const to = position[i]! + directions[(facing[i]! + action) & 3]!;
          if (grid[to] !== 1 && !occupied[to]) {
            occupied[position[i]!] = 0;
            position[i] = to;
            occupied[to] = 1 + i;
            if (grid[to] === 2) {
              grid[to] = 0;
              rewards[i]! += 1;
            }
          }
        } else if (action < 6) facing[i] = (facing[i]! + (action === 4 ? 1 : 3)) & 3;
        else if (action === 6) {
          let at = position[i]!;
          for (let k = 0; k < 5; k++) {
            at += directions[facing[i]!]!;
            if (grid[at] === 1) break;
            if (occupied[at]) {
              rewards[occupied[at]! - 1]! -= 50;
              break;
            }
          }
          rewards[i]! -= 1;
        }
      }
      for (let k = 0; k < apples.length; k++) {
        const cell = apples[k]!;
        if (grid[cell] !== 0 || occupied[cell]) continue;
        let count = 0;
        for (let j = 0; j < neighbours.length; j++) count += grid[cell + neighbours[j]!] === 2 ? 1 : 0;
        if (random() < chance[Math.min(count, 3)]!) grid[cell] = 2;
      }
    },
    observe() {
      for (let i = 0; i < players; i++) {
        const table = offsets[facing[i]!]!;
        const at = position[i]!;
        const base = i * SIDE * SIDE;
        for (let k = 0; k < SIDE * SIDE; k++) {
          const cell = at + table[k]!;
          const who = occupied[cell]!;
          observations[base + k] = who ? (who === i + 1 ? 4 : 5) : grid[cell]!;
        }
      }
    },
  };
}

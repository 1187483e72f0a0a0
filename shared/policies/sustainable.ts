/** Eats only what grows back. */

import { ClassId } from '../palette.ts';
import type { PolicyDefinition } from '../policy.ts';
import { Random } from '../random.ts';
import { AROUND, Atlas, CELLS, WRAP } from './atlas.ts';
import { explore } from './explore.ts';
import { NOWHERE, search } from './search.ts';

const MIN = 2;
const TAU = -0.02;
const P = Float64Array.of(0, 0.005, 0.02, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05);

export const sustainable: PolicyDefinition = {
  name: 'sustainable',
  title: 'Sustainable',
  summary: 'Eats an apple only where enough others stay beside it to let it grow back.',
  create(context) {
    const atlas = new Atlas(context);
    const closed = new Uint8Array(CELLS);
    let stream = new Random();

    function near(cell: number): number {
      let count = 0;
      for (let k = 0; k < 8; k++) if (atlas.ground[(cell + AROUND[k]!) & WRAP] === ClassId.apple) count++;
      return count;
    }
    function ripe(cell: number): boolean {
      const n = near(cell);
      if (n < MIN) return false;
      let loss = -P[n]!;
      for (let k = 0; k < 8; k++) {
        const j = (cell + AROUND[k]!) & WRAP;
        if (atlas.site[j] === 0 || atlas.ground[j] === ClassId.apple) continue;
        const m = near(j);
        loss += P[m]! - P[m - 1]!;
      }
      return loss <= TAU;
    }

    function choose(): number {
      for (let cell = search.start(atlas); cell !== NOWHERE; cell = search.next()) {
        closed[cell] = 0;
        if (atlas.ground[cell] === ClassId.apple) {
          if (!ripe(cell)) {
            closed[cell] = 1;
            continue;
          }
          return search.action(cell);
        }
        search.spread();
      }
      return explore(atlas, stream, closed);
    }
    return {
      reset(random) {
        stream = random;
        atlas.reset();
        closed.fill(0);
      },
      act(window, offset) {
        atlas.look(window, offset);
        return atlas.did(choose());
      },
    };
  },
};

import { expect, test } from 'vitest';
import { Outcome } from '../../shared/environment.ts';
import { ActionKind } from '../../shared/grid/actions.ts';
import { SocialMetrics } from '../../shared/metrics.ts';
import { TickEncoder, WorldMirror } from '../../shared/protocol/index.ts';
import { makeEnvironment } from '../../shared/registry.ts';
import { MapPicture } from './picture.ts';

const MAP = [
  '@@@@@@@@@@@',
  '@         @',
  '@         @',
  '@    P    @',
  '@         @',
  '@         @',
  '@@@@@@@@@@@',
];

/** Cells that the rays of the picture cover, as `column,row`. */
function covered(picture: MapPicture): string[] {
  const cells: string[] = [];
  for (const ray of picture.rays) {
    for (let y = 0; y < ray.height; y++)
      for (let x = 0; x < ray.width; x++) cells.push(`${ray.x + x},${ray.y + y}`);
  }
  return cells.sort();
}

test('a beam covers on the picture exactly the cells that an observation shows it on', () => {
  for (let seed = 0; seed < 8; seed++) {
    const environment = makeEnvironment('harvest', { players: 1, map: MAP });
    environment.reset(seed);
    const encoder = new TickEncoder(environment);
    const grid = environment.grid!;
    const mirror = new WorldMirror({ width: grid.width, height: grid.height, players: 1, beamRadius: 1 });
    mirror.keyframe(encoder.keyframe(0, new SocialMetrics(1)));
    environment.step(Uint8Array.of(ActionKind.fine), new Float32Array(1));
    mirror.tick(encoder.tick());
    expect(mirror.outcome[0]).toBe(Outcome.fined);
    const picture = new MapPicture(mirror, []);
    picture.update(0, 100, false);

    const window = new Uint8Array(15 * 15);
    environment.observe('ids', window);
    const facing = grid.facing(0);
    const seen: string[] = [];
    for (let row = 0; row < 15; row++) {
      for (let column = 0; column < 15; column++) {
        if (window[row * 15 + column] !== 7) continue;
        // From the window, its facing up, to the map.
        let [x, y] = [column - 7, row - 7];
        for (let turn = 0; turn < facing; turn++) [x, y] = [-y, x];
        seen.push(`${grid.column(0) + x},${grid.row(0) + y}`);
      }
    }
    expect(covered(picture)).toEqual(seen.sort());
  }
});

test('a keyframe shows no beams of before', () => {
  const mirror = new WorldMirror({ width: 3, height: 3, players: 1, beamRadius: 1 });
  mirror.outcome[0] = Outcome.fined;
  mirror.rays.fill(2);
  const picture = new MapPicture(mirror, [4]);
  picture.update(0, 100, true);
  expect(picture.rays).toEqual([]);
  expect([...picture.sites]).toEqual([0, 0, 0, 0, 1, 0, 0, 0, 0]);
});

// What stands at chosen locations, and where these lie: each from its own image, zeros and no gradient for those that are none, sums for those that are chosen twice.
import { expect, it } from 'vitest';
import { add, mul } from '../../../src/ops/arithmetic/binary.ts';
import { instancePlaces } from '../../../src/ops/detection/instance-places.ts';
import { instanceRows } from '../../../src/ops/detection/instance-rows.ts';
import { checkOp } from '../../support/check.ts';
import { fcosLevels, NONE, placesOf } from '../../support/fcos.ts';
import { on } from '../../support/gpu.ts';
import { generator, whole } from '../../support/random.ts';

it.each([
  { images: 1, locations: 1, width: 1, room: 1 },
  { images: 2, locations: 7, width: 5, room: 4 },
  { images: 3, locations: 40, width: 233, room: 64 },
  { images: 2, locations: 2000, width: 8, room: 33 },
])('$room of $locations rows of $width in $images images', async ({ images, locations, width, room }) => {
  const next = generator(locations);
  const picks = Array.from({ length: images * room }, () => (next() < 0.2 ? NONE : whole(next, 0, locations - 1)));
  const list = on(picks, [images, room], 'u32');
  const reference = (x: Float64Array): Float64Array =>
    Float64Array.from({ length: images * room * width }, (_, i) => {
      const at = Math.floor(i / width);
      const row = Math.floor(at / room) * locations + picks[at];
      return picks[at] === NONE ? 0 : x[row * width + (i % width)];
    });
  await checkOp({
    inputs: [{ shape: [images, locations, width] }],
    op: ([x]) => instanceRows(x, list),
    reference: ([x]) => reference(x),
  });
  // A gradient that is there already is added to.
  await checkOp({
    inputs: [{ shape: [images, locations, width] }],
    op: ([x]) => add(instanceRows(x, list), mul(instanceRows(x, list), 0.5)),
    reference: ([x]) => reference(x).map((v) => 1.5 * v),
  });
});

it('the places of locations are in pixels, and their sizes those at which levels end', async () => {
  const levels = fcosLevels([
    [5, 7],
    [3, 4],
    [2, 2],
    [1, 1],
    [1, 1],
  ]);
  const places = placesOf(levels);
  const locations = [...places.keys(), NONE, places.length];
  const { centers, sizes } = instancePlaces(on(locations, [1, locations.length], 'u32'), levels);
  expect(centers.shape).toEqual([1, locations.length, 2]);
  expect([...(await centers.floats())]).toEqual([...places.flatMap(({ x, y }) => [x, y]), 0, 0, 0, 0]);
  const usual = [64, 128, 256, 512, 1024];
  expect([...(await sizes.floats())]).toEqual([...places.map(({ level }) => usual[levels.indexOf(level)]), 0, 0]);
});

it('what does not fit is refused by name', () => {
  const x = on(new Array(12).fill(0), [2, 3, 2]);
  expect(() => instanceRows(x, on([0, 1, 2], [3, 1], 'u32'))).toThrow(
    'instanceRows: input [2×3×2] and input [3×1]; they must be [N×L×C] and [N×K]',
  );
  expect(() => instanceRows(x, x)).toThrow('instanceRows: input [2×3×2] is f32, it must be u32');
  expect(() => instancePlaces(x, [])).toThrow('instancePlaces: input [2×3×2] is f32, it must be u32');
});

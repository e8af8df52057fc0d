// Pictures of P: every cell flat and in its color, narrow maps readable, wrong sizes refused.
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { colorAt, hexColor } from '../../../src/report/figures/colormap.ts';
import {
  cellSize,
  describeGateMap,
  GateMapError,
  gateMapFigure,
  gateMapPng,
} from '../../../src/report/figures/gate-map.ts';

const map = { layer: 'conv1', height: 2, width: 3, values: Float32Array.of(0, 0.5, 1, 0.25, 0.75, 1) };

test('the color map runs from dark violet to yellow, getting lighter, and clamps', () => {
  expect(hexColor(colorAt(0))).toBe('#440154');
  expect(hexColor(colorAt(1))).toBe('#fde725');
  const light = Array.from({ length: 11 }, (_, i) => colorAt(i / 10)).map(
    ([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b,
  );
  expect(light).toEqual([...light].sort((a, b) => a - b));
  expect(colorAt(-3)).toEqual(colorAt(0));
  expect(colorAt(7)).toEqual(colorAt(1));
  expect(colorAt(Number.NaN)).toEqual([0, 0, 0]);
});

test('each gate is one flat cell of its color', async () => {
  const { data, info } = await sharp(await gateMapPng(map))
    .raw()
    .toBuffer({ resolveWithObject: true });
  const cell = cellSize(map);
  expect([info.width, info.height]).toEqual([3 * cell.x, 2 * cell.y]);
  for (let y = 0; y < info.height; y += 7) {
    for (let x = 0; x < info.width; x += 7) {
      const value = map.values[Math.floor(y / cell.y) * 3 + Math.floor(x / cell.x)]!;
      const at = (y * info.width + x) * info.channels;
      expect([...data.subarray(at, at + 3)]).toEqual([...colorAt(value)]);
    }
  }
});

test.each([
  [64, 64],
  [10, 512],
  [16, 3],
  [512, 512],
  [1, 4096],
])('a map of %d × %d is neither a sliver nor a poster', (height, width) => {
  const cell = cellSize({ height, width });
  expect(Math.min(cell.x * width, cell.y * height)).toBeGreaterThanOrEqual(96);
  expect(Math.max(cell.x * width, cell.y * height)).toBeLessThanOrEqual(Math.max(512, height, width));
});

test('the figure has room for its title and color bar', async () => {
  const png = await gateMapPng(map);
  const inner = await sharp(png).metadata();
  const outer = await sharp(await gateMapFigure(map, png)).metadata();
  expect(outer.width).toBeGreaterThan(2 * inner.width);
  expect(outer.height).toBeGreaterThan(2 * inner.height);
});

test('a map is described by its size, mean and share of low gates', () => {
  expect(describeGateMap(map)).toBe('2 × 3 gates, mean 0.5833, 33 % below 0.5');
});

test('values that do not fill the map are refused by layer', async () => {
  await expect(gateMapPng({ ...map, width: 4 })).rejects.toThrow(GateMapError);
  await expect(gateMapPng({ ...map, width: 4 })).rejects.toThrow('The gate map of conv1 is 2×4 but has 6 values.');
});

// The confusion matrix as a picture: the colors say which part of a class went where, for two classes and for many.
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { colorAt } from '../../src/report/figures/colormap.ts';
import { ConfusionError, confusionFigure } from '../../src/report/figures/confusion.ts';

const names = (n: number): string[] => Array.from({ length: n }, (_, i) => `class ${i}`);

/** The colors of a picture and how many pixels have each. */
async function colorsOf(png: Uint8Array): Promise<Map<string, number>> {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const counts = new Map<string, number>();
  for (let i = 0; i < data.length; i += info.channels) {
    const key = [...data.subarray(i, i + 3)].join();
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

it('has a cell for each pair of classes, colored by the part of its row', async () => {
  const png = await confusionFigure({
    classes: ['a', 'b <c>', 'none'],
    counts: [
      [3, 1, 0],
      [0, 9, 0],
      [0, 0, 0],
    ],
  });
  const colors = await colorsOf(png);
  // Cells of 44 × 44 at twice their size, less what the numbers cover.
  for (const part of [0.75, 0.25, 1]) expect(colors.get(colorAt(part).join())).toBeGreaterThan(6000);
  expect(colors.get('225,228,232')).toBeGreaterThan(3 * 88 * 88 - 1000);
});

it('has room for the lines above a small matrix, and a margin behind them', async () => {
  const counts = [
    [1, 1],
    [0, 0],
  ];
  const { data, info } = await sharp(await confusionFigure({ classes: ['a', 'b'], counts }))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const isDark = (x: number, y: number): boolean => data[(y * info.width + x) * info.channels] < 128;
  // The lines' rows, at twice their size: dark letters up to the margin, and none in it.
  const columns = Array.from({ length: info.width }, (_, x) => x).filter((x) =>
    Array.from({ length: 120 }, (_, y) => y).some((y) => isDark(x, y)),
  );
  expect(columns.length).toBeGreaterThan(500);
  expect(Math.max(...columns)).toBeLessThan(info.width - 24);
});

it('draws many classes without names, and refuses counts that do not fit', async () => {
  const counts = Array.from({ length: 200 }, (_, i) => Uint32Array.from({ length: 200 }, (_, j) => (i === j ? 5 : 0)));
  const { width } = await sharp(await confusionFigure({ classes: names(200), counts })).metadata();
  expect(width).toBeLessThan(2400);
  await expect(confusionFigure({ classes: names(3), counts })).rejects.toThrow(ConfusionError);
});

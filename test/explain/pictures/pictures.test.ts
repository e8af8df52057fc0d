// Pictures of explanations: colors by hand, and PNGs read back, whose parts must lie where they should and whose text must stay inside.
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { ExplainError } from '../../../src/explain/maps/layers.ts';
import { pictureGrid } from '../../../src/explain/pictures/grid.ts';
import { wrap } from '../../../src/explain/pictures/layout.ts';
import { heatOverlay, type RgbImage } from '../../../src/explain/pictures/overlay.ts';
import { explanationPicture } from '../../../src/explain/pictures/picture.ts';
import { colorAt } from '../../../src/report/figures/colormap.ts';
import { textWidth } from '../../../src/report/figures/typeface.ts';

const filled = (color: readonly number[], width: number, height: number): RgbImage => ({
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) => color[i % 3]),
  width,
  height,
});

interface Pixels extends RgbImage {
  at(x: number, y: number): number[];
}

async function read(png: Uint8Array): Promise<Pixels> {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  return { data, width, height, at: (x, y) => [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)] };
}

type Test = (red: number, green: number, blue: number) => boolean;
const same =
  ([r, g, b]: readonly number[]): Test =>
  (red, green, blue) =>
    red === r && green === g && blue === b;
const inked: Test = (...color) => color.every((part) => part < 250);

/** The box around all pixels of a color within a box: left, top, right, bottom, all included; right is −1 where there are none. */
function extentOf({ data, width, height }: Pixels, is: Test, within = [0, 0, width - 1, height - 1]): number[] {
  const box = [width, height, -1, -1];
  for (let y = within[1]; y <= within[3]; y++)
    for (let x = within[0]; x <= within[2]; x++) {
      const i = (y * width + x) * 3;
      if (!is(data[i], data[i + 1], data[i + 2])) continue;
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
    }
  return box;
}

describe('an overlay', () => {
  const image: RgbImage = { data: Uint8Array.of(255, 0, 0, 10, 10, 10, 0, 0, 255, 200, 100, 50), width: 2, height: 2 };
  const grays = [0.299 * 255, 10, 0.114 * 255, 0.299 * 200 + 0.587 * 100 + 0.114 * 50];

  it('mixes the image in gray with the color of its value from 0 to the maximum', () => {
    const map = [0, 1, 2, 4];
    const expected = grays.flatMap((gray, i) =>
      colorAt(map[i] / 4).map((part) => Math.round(0.75 * gray + 0.25 * part)),
    );
    expect([...heatOverlay(image, map, { alpha: 0.25 }).data]).toEqual(expected);
    const wide = heatOverlay(image, map, { alpha: 1, maximum: 8 });
    expect([...wide.data]).toEqual([0, 1, 2, 4].flatMap((value) => [...colorAt(value / 8)]));
  });

  it('of a map of zeros has one color, without a NaN', () => {
    expect([...heatOverlay(image, [0, 0, 0, 0], { alpha: 1 }).data]).toEqual(
      [1, 2, 3, 4].flatMap(() => [...colorAt(0)]),
    );
  });

  it('wants a map and an image of one size', () => {
    expect(() => heatOverlay(image, [1, 2, 3])).toThrow(
      new ExplainError('heatOverlay: the map has 3 values, the image 2×2 pixels; upsample the map first'),
    );
    expect(() => heatOverlay({ ...image, width: 3 }, [1, 2, 3, 4, 5, 6])).toThrow(
      new ExplainError('heatOverlay: a picture of 2×3 in RGB has not 12 bytes'),
    );
  });
});

describe('an explanation', () => {
  const draw = (width: number, height: number, title: string[] = []): Promise<Pixels> =>
    explanationPicture({
      input: filled([200, 10, 10], width, height),
      overlay: filled([10, 10, 200], width, height),
      maximum: 1.5,
      title,
    }).then(read);

  it('shows input, overlay and color bar side by side, small images enlarged', async () => {
    const picture = await draw(32, 32, ['A title', 'and more']);
    const [left, top, right, bottom] = extentOf(picture, same([200, 10, 10]));
    expect([right - left + 1, bottom - top + 1]).toEqual([512, 512]);
    const overlay = extentOf(picture, same([10, 10, 200]));
    expect(overlay).toEqual([right + 33, top, right + 544, bottom]);
    const bar = overlay[2] + 33 + 18;
    // The bar goes from the last color at the top to the first.
    expect(picture.at(bar, top)).toEqual([...colorAt(1)]);
    expect(picture.at(bar, bottom)).toEqual([...colorAt(0)]);
    const numbers = extentOf(picture, inked, [bar + 21, 0, picture.width - 1, picture.height - 1]);
    expect(numbers[1]).toBeLessThan(top + 4);
    expect(numbers[3]).toBeGreaterThan(bottom - 4);
    expect(numbers[2]).toBeLessThan(picture.width - 16);
    expect(extentOf(picture, inked)[1]).toBeLessThan(top - 60);
  });

  it.each([
    [100, 40, 600, 240],
    [2000, 500, 1024, 256],
    [512, 512, 1024, 1024],
  ])('of %i×%i shows them at %i×%i', async (width, height, shownWidth, shownHeight) => {
    const [left, top, right, bottom] = extentOf(await draw(width, height), same([200, 10, 10]));
    expect([right - left + 1, bottom - top + 1]).toEqual([shownWidth, shownHeight]);
  });

  it('breaks a long title, which stays inside', async () => {
    const words = 'a title of so many words that it needs lines ';
    const [short, long] = [await draw(32, 32, ['a']), await draw(32, 32, [words.repeat(8)])];
    expect(long.width).toBe(short.width);
    expect(long.height).toBeGreaterThan(short.height + 80);
    expect(extentOf(long, inked)[2]).toBeLessThan(long.width - 16);
  });
});

describe('a grid', () => {
  const red = [200, 10, 10];
  const blue = [10, 10, 200];
  const cells = (...images: RgbImage[]) => images.map((image, i) => ({ image, caption: `0.${i}5` }));

  it('has its pictures under their columns and beside their rows, with text around them', async () => {
    const picture = await read(
      await pictureGrid({
        title: 'Where they look',
        columns: ['input', 'a network with a long name'],
        rows: [
          { label: 'cat', cells: cells(filled(red, 32, 32), filled(blue, 32, 32)) },
          { label: 'a very long name of a row', cells: cells(filled(red, 64, 32), filled(blue, 32, 64)) },
        ],
        footer: [
          'What the number under each of the pictures means, in a line that is too long for a grid with two columns.',
        ],
      }),
    );
    const [left, top, right, bottom] = extentOf(picture, same(red));
    expect(right - left + 1).toBe(224);
    const second = extentOf(picture, same(blue));
    expect(second[0]).toBe(right + 21);
    // Two rows of 112 units with a caption between them; the lower red one is half as high, and stands on the bottom of its row.
    expect([second[1], second[3]]).toEqual([top, bottom]);
    expect(bottom - top + 1).toBe(2 * (112 + 17 + 14 + 112));
    expect(picture.at(left + 2, top + 300)).toEqual([255, 255, 255]);
    const all = extentOf(picture, inked);
    expect(all[0]).toBeGreaterThan(16);
    expect(all[2]).toBeLessThan(picture.width - 16);
    expect(all[3]).toBeGreaterThan(bottom + 100);
    expect(all[3]).toBeLessThan(picture.height - 8);
    // Labels lie left of the pictures, captions under them.
    expect(extentOf(picture, inked, [0, top + 80, left - 1, top + 140])[2]).toBeGreaterThan(0);
    expect(extentOf(picture, inked, [left, top + 226, right, top + 262])[2]).toBeGreaterThan(0);
  });

  it('does not draw rows with a picture too few, or pictures without their bytes', async () => {
    const grid = { title: '', columns: ['a', 'b'], footer: [] };
    await expect(pictureGrid({ ...grid, rows: [{ label: 'cat', cells: cells(filled(red, 2, 2)) }] })).rejects.toThrow(
      new ExplainError('row "cat" has 1 pictures for 2 columns'),
    );
    const broken = { ...filled(red, 2, 2), width: 3 };
    await expect(
      pictureGrid({ ...grid, rows: [{ label: 'cat', cells: cells(filled(red, 2, 2), broken) }] }),
    ).rejects.toThrow(new ExplainError('row "cat": a picture of 2×3 in RGB has not 12 bytes'));
  });
});

describe('lines', () => {
  it('are as long as fits, and lose no word', () => {
    const text = 'one two three four five six seven';
    const lines = wrap(text, 60, 13);
    expect(lines.join(' ')).toBe(text);
    expect(lines.length).toBeGreaterThan(2);
    for (const [i, line] of lines.entries()) {
      expect(textWidth(line, 13)).toBeLessThanOrEqual(60);
      const next = lines[i + 1]?.split(' ')[0];
      if (next) expect(textWidth(`${line} ${next}`, 13)).toBeGreaterThan(60);
    }
    expect(wrap('incomprehensibilities yes', 20)).toEqual(['incomprehensibilities', 'yes']);
  });
});

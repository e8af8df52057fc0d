// Objects drawn on a picture, read back: colors where a mask is and nowhere else, frames on their boxes, labels apart from each other.
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { ExplainError } from '../../../src/explain/maps/layers.ts';
import { markedPicture } from '../../../src/explain/pictures/marked.ts';
import { PALETTE } from '../../../src/report/index.ts';

const gray = (width: number, height: number) => ({ data: new Uint8Array(width * height * 3).fill(128), width, height });

async function read(png: Uint8Array) {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return {
    width: info.width,
    height: info.height,
    at: (x: number, y: number): number[] => [...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3)],
  };
}
const bytes = (color: string): number[] => [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));

it('tints masks, frames boxes, and leaves the rest as it is', async () => {
  const image = gray(64, 48);
  const mask = { polygons: [[8, 8, 24, 8, 24, 24, 8, 24]] };
  const drawn = await read(await markedPicture(image, [{ mask }, { box: [32, 16, 56, 40] }]));
  expect([drawn.width, drawn.height]).toEqual([1024, 768]);
  expect(drawn.at(16 * 16, 16 * 16)).toEqual(bytes(PALETTE[0]).map((part) => Math.round(0.58 * 128 + 0.42 * part)));
  expect(drawn.at(8 * 16, 16 * 16)).toEqual(bytes(PALETTE[0]));
  expect(drawn.at(4 * 16, 16 * 16)).toEqual([128, 128, 128]);
  expect(drawn.at(44 * 16, 28 * 16)).toEqual([128, 128, 128]);
  expect(drawn.at(44 * 16, 16 * 16)).toEqual(bytes(PALETTE[1]));
});

it('puts the first object on top', async () => {
  const whole = { polygons: [[0, 0, 64, 0, 64, 48, 0, 48]] };
  const [one, both] = await Promise.all(
    [[{ mask: whole }], [{ mask: whole }, { mask: whole }]].map(async (marks) =>
      read(await markedPicture(gray(64, 48), marks)),
    ),
  );
  const [alone, over] = [one.at(500, 300), both.at(500, 300)];
  expect(over).not.toEqual(alone);
  const under = bytes(PALETTE[1]).map((part) => Math.round(0.58 * 128 + 0.42 * part));
  for (const c of [0, 1, 2]) expect(over[c]).toBe(Math.round(0.58 * under[c] + 0.42 * bytes(PALETTE[0])[c]));
});

it('keeps labels of one place apart, within the picture', async () => {
  const box = [30, 20, 40, 30] as const;
  const labeled = (count: number) =>
    markedPicture(
      gray(64, 48),
      Array.from({ length: count }, (_, i) => ({ box, label: `thing ${i}` })),
    );
  /** Pixels of each label's plate. */
  const areas = async (count: number): Promise<number[]> => {
    const { data } = await sharp(await labeled(count))
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const codes = Array.from({ length: count }, (_, i) => Number.parseInt(PALETTE[i].slice(1), 16));
    const found = Array<number>(count).fill(0);
    for (let p = 0; p < data.length; p += 3) {
      const i = codes.indexOf(data[p] * 65536 + data[p + 1] * 256 + data[p + 2]);
      if (i >= 0) found[i]++;
    }
    return found;
  };
  const [alone] = await areas(1);
  // The frames lie on each other, the first on top; the plates are whole.
  const frame = 4 * 160 * 4;
  for (const area of await areas(5)) expect(area).toBeGreaterThan(alone - frame);
});

it('takes empty pictures of objects, and one pixel; refuses missing bytes', async () => {
  expect((await read(await markedPicture(gray(1, 1), []))).width).toBe(1024);
  expect((await read(await markedPicture(gray(4000, 10), [], { side: 200 }))).width).toBe(200);
  await expect(markedPicture({ ...gray(4, 4), width: 5 }, [])).rejects.toThrow(ExplainError);
});

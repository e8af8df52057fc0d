// Bits to run lengths, against pixel by pixel.
import { expect, it } from 'vitest';
import { runsOfBits } from '../../../src/detect/infer/runs.ts';
import { generator, whole } from '../../support/random.ts';

/** Column by column, one pixel at a time. */
function runsOf(pixels: readonly boolean[]): number[] {
  const counts = [0];
  let inside = false;
  for (const pixel of pixels) {
    if (pixel !== inside) counts.push(0);
    inside = pixel;
    counts[counts.length - 1]++;
  }
  return counts;
}

const drawn: Record<string, (next: () => number) => (pixel: boolean) => boolean> = {
  noise: (next) => () => next() < 0.5,
  'long runs': (next) => (before) => (next() < 0.02 ? !before : before),
  empty: () => () => false,
  full: () => () => true,
};

it.each(Object.entries(drawn))('%s', (_, rule) => {
  for (let seed = 0; seed < 30; seed++) {
    const next = generator(seed + 1);
    const [height, width] = [[1, 31, 32, 33, 64, 65][seed % 6], whole(next, 1, 9)];
    const words = Math.ceil(height / 32);
    const bits = new Uint32Array(width * words);
    const draw = rule(next);
    const pixels: boolean[] = [];
    for (let x = 0; x < width; x++)
      for (let y = 0; y < height; y++) {
        const pixel = draw(pixels.at(-1) ?? false);
        pixels.push(pixel);
        if (pixel) bits[x * words + (y >> 5)] |= 1 << (y & 31);
      }
    expect(runsOfBits(bits, height, width)).toEqual(runsOf(pixels));
  }
});

// The pictures of test/golden/pictures.py, and what compares pixels with Pillow's.
import { expect } from 'vitest';
import type { Draws } from '../../../src/data/transform/draws.ts';
import type { Box, RgbImage } from '../../../src/data/transform/rgb-image.ts';
import { fnv1a, hash32 } from '../../golden/formula.ts';

/** Slopes with jumps where they pass 255, and noise. */
export function picture(name: string, width: number, height: number, channels = 3): RgbImage {
  const seed = fnv1a(name);
  const data = Uint8Array.from({ length: width * height * channels }, (_, i) => {
    const c = i % channels;
    const x = Math.floor(i / channels) % width;
    const y = Math.floor(i / (channels * width));
    return x * (5 + c) + y * (7 - 2 * c) + (hash32(seed, i) >>> 27);
  });
  return { data, width, height };
}

/** The golden's uniform numbers by this name. */
export function uniforms(name: string): Draws {
  let i = 0;
  return { uniform: () => hash32(fnv1a(name), i++) / 2 ** 32 } as Draws;
}

export const toBox = ([left, top, width, height]: readonly number[]): Box => ({ left, top, width, height });

/** Fails unless pixels are those in base64, to the bit; says how many are not, and by how much. */
export function expectPixels(pixels: Uint8Array, base64: string): void {
  const expected = Buffer.from(base64, 'base64');
  expect(pixels.length).toBe(expected.length);
  const off = [...expected].map((byte, i) => Math.abs(byte - pixels[i]));
  expect({ differing: off.filter((d) => d > 0).length, most: Math.max(...off) }).toEqual({ differing: 0, most: 0 });
}

// Places for images of another size: timm's values through torch, larger and smaller, and what they cannot be made of.
import { expect, it } from 'vitest';
import { resizePositions } from '../../../src/models/checkpoint/positions.ts';
import { StateDictError } from '../../../src/nn/state-dict.ts';
import { formulaUniform } from '../../golden/formula.ts';
import { loadGolden } from '../../golden/golden.ts';

const places = (grid: [number, number], front = 1) => ({ name: 'pos_embed', front, grid });

it.each(loadGolden('positions'))("$side×$side to $wanted×$wanted as torch's", ({ side, wanted, channels, values }) => {
  const shape = [1, 1 + side * side, channels];
  const data = formulaUniform(`places.${side}.${wanted}`, shape);
  const resized = resizePositions({ shape, data }, places([wanted, wanted]));
  expect(resized.shape).toEqual([1, 1 + wanted * wanted, channels]);
  expect(resized.from).toEqual([side, side]);
  expect(resized.data.slice(0, channels)).toEqual(data.slice(0, channels));
  // Sums in float64 of values below 2 on both sides, rounded to float32 here and to nine digits there.
  for (const [i, value] of values.entries()) expect(Math.abs(resized.data[i] - value)).toBeLessThan(2 ** -23);
});

it('constant places stay constant, without tokens in front and on a grid that is no square', () => {
  const resized = resizePositions({ shape: [1, 16, 2], data: new Float32Array(32).fill(0.75) }, places([3, 7], 0));
  expect(resized.shape).toEqual([1, 21, 2]);
  expect([...resized.data].every((value) => Math.abs(value - 0.75) < 1e-7)).toBe(true);
});

it.each([
  [[1, 13, 2], 'pos_embed has 13 places, 1 of them in front; the other 12 are no square'],
  [[1, 1, 2], 'the other 0 are no square'],
  [[1, 0, 2], 'are no square'],
  [[2, 5, 2], 'pos_embed is 2×5×2; places are 1×tokens×channels'],
  [[5, 2], 'places are 1×tokens×channels'],
])('refuses %j', (shape, message) => {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  const resize = () => resizePositions({ shape, data }, places([4, 4]));
  expect(resize).toThrow(StateDictError);
  expect(resize).toThrow(message);
});

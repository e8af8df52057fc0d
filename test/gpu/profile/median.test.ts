// The median that times are read by.
import { expect, it } from 'vitest';
import { median } from '../../../src/gpu/profile/median.ts';

it('takes the middle, or the mean of the two middles', () => {
  expect(median([9, 1, 2])).toBe(2);
  expect(median([4, 1, 9, 2])).toBe(3);
});

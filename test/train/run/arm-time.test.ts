// The time of an arm counts what it does at the pace of what compiled nothing.
import { expect, it } from 'vitest';
import { addTime, noTime, secondsOf } from '../../../src/train/run/arm-time.ts';

it('leaves compiling out', () => {
  const time = noTime();
  addTime(time.steps, 1, 30, true);
  addTime(time.steps, 9, 9, false);
  addTime(time.ends, 1, 12, true);
  addTime(time.ends, 1, 2, false);
  expect(secondsOf(time)).toBe(10 + 4);
});

it('is what it took where everything compiled, and goes on through JSON', () => {
  const time = noTime();
  addTime(time.ends, 1, 12, true);
  expect(secondsOf(time)).toBe(12);
  const again = JSON.parse(JSON.stringify(time));
  addTime(again.ends, 1, 3, false);
  expect(secondsOf(again)).toBe(6);
});

// The progress display, on a clock of the test's own: plain lines now and then without a terminal, one redrawn line with one.
import { describe, expect, test } from 'vitest';
import { Progress, type ProgressState } from '../../../src/train/run/progress.ts';

function display(options: { isTTY?: boolean; columns?: number } = {}) {
  const clock = { ms: 0 };
  const written: string[] = [];
  const stream = { ...options, write: (text: string) => written.push(text) };
  return { clock, written, progress: new Progress({ stream, now: () => clock.ms }) };
}

const at = (step: number, change: Partial<ProgressState> = {}): ProgressState => ({
  arm: 'trained AN',
  phase: 'search',
  epoch: 2,
  epochs: 5,
  step,
  steps: 100,
  images: step * 64,
  done: step / 500,
  ...change,
});

describe('without a terminal', () => {
  test('a line tells everything', () => {
    const { clock, written, progress } = display();
    progress.update(at(0));
    clock.ms = 10_000;
    progress.update(at(50, { losses: { loss: 1.23456, 'AN loss': 0.5 }, accuracies: { accuracy: 0.4567 } }));
    expect(written[0]).toBe('trained AN · search · epoch 2/5  step 0/100  ? images/s  ? left\n');
    expect(written[1]).toBe(
      'trained AN · search · epoch 2/5  step 50/100  320 images/s  loss 1.235  AN loss 0.5000  accuracy 45.7 %  1 min 30 s left\n',
    );
  });

  test('there is at most one line in five seconds, and one for each epoch', () => {
    const { clock, written, progress } = display();
    for (let step = 1; step <= 100; step++) {
      clock.ms = step * 200;
      progress.update(at(step));
    }
    progress.endEpoch(at(100));
    const steps = written.map((line) => /step (\d+)/.exec(line)![1]);
    expect(steps).toEqual(['1', '26', '51', '76', '100']);
    expect(written.join('')).not.toContain('\r');
    expect(written.join('')).not.toContain('\u001b');
  });

  test('what is printed is a line of its own, and closing adds nothing', () => {
    const { written, progress } = display();
    progress.print('saved');
    progress.close();
    expect(written).toEqual(['saved\n']);
  });
});

describe('on a terminal', () => {
  const clear = '\r\u001b[2K';

  test('one line is redrawn, with a bar, at most ten times a second', () => {
    const { clock, written, progress } = display({ isTTY: true, columns: 200 });
    for (clock.ms = 10; clock.ms <= 1000; clock.ms += 10) progress.update(at(50));
    expect(written).toHaveLength(10);
    for (const text of written) {
      expect(text.startsWith(clear)).toBe(true);
      expect(text).not.toContain('\n');
      expect(text).toContain('██████████░░░░░░░░░░ 50/100');
    }
  });

  test('the line never wraps', () => {
    const { written, progress } = display({ isTTY: true, columns: 40 });
    progress.update(at(50, { losses: { loss: 1.5 } }));
    expect(written[0]!.slice(clear.length)).toBe('trained AN · 2/5  loss 1.500  ? left');
  });

  test.each([50, 60, 80, 100, 140])('loss, accuracy and time left are there in %i columns', (columns) => {
    const { clock, written, progress } = display({ isTTY: true, columns });
    progress.update(at(0));
    const losses = { loss: 1.23456, 'AN loss': 0.5 };
    clock.ms = 10_000;
    progress.update(at(50, { epoch: 12, epochs: 15, losses, accuracies: { 'train accuracy': 0.4567 } }));
    clock.ms = 20_000;
    const both = { 'train accuracy': 0.4567, 'held-out accuracy': 0.4 };
    progress.endEpoch(at(100, { epoch: 12, epochs: 15, losses, accuracies: both }));
    const [drawn, stays] = [written[1].slice(clear.length), written.at(-1)!.trimEnd()];
    for (const line of [drawn, stays]) {
      expect(line.length).toBeLessThan(columns);
      expect(line).toMatch(/(^| )loss 1\.235 .* 4[05]\.\d % .* left$/);
    }
    expect(stays).toContain('40.0 %');
    if (columns >= 80) for (const line of [drawn, stays]) expect(line).toMatch(/^trained AN · .*12\/15 .*45\.7 %/);
  });

  test('that is dumb gets lines and nothing to redraw', () => {
    const before = process.env.TERM;
    process.env.TERM = 'dumb';
    try {
      const { written, progress } = display({ isTTY: true, columns: 80 });
      progress.update(at(50));
      expect(written[0]).toMatch(/^trained AN .*\n$/);
      progress.close();
      expect(written).toHaveLength(1);
    } finally {
      process.env.TERM = before;
    }
  });

  test('messages and epoch lines clear the bar first and stay; closing clears it once', () => {
    const { written, progress } = display({ isTTY: true, columns: 200 });
    progress.update(at(50));
    progress.print('saved');
    progress.endEpoch(at(100));
    expect(written.slice(1, 3)).toEqual([clear, 'saved\n']);
    expect(written[3]).toMatch(/^trained AN · search · epoch 2\/5 {2}step 100\/100 .*\n$/);
    progress.close();
    expect(written).toHaveLength(4);
  });
});

test('after a resume, time left comes from the pace of this process', () => {
  const { clock, written, progress } = display();
  progress.update(at(0, { done: 0.8 }));
  clock.ms = 60_000;
  progress.update(at(50, { done: 0.9 }));
  expect(written[1]).toContain('  1 min 00 s left');
});

test('the speed is that of the last ten seconds', () => {
  const { clock, written, progress } = display();
  for (let second = 1; second <= 60; second++) {
    clock.ms = second * 1000;
    progress.update(at(0, { images: second <= 30 ? second * 1000 : 30_000 + (second - 30) * 10 }));
  }
  expect(written.at(-1)).toContain('  10.0 images/s');
});

test('the line of an epoch takes its speed as given, and the evaluation behind it slows nothing down', () => {
  const { clock, written, progress } = display();
  clock.ms = 10_000;
  progress.endEpoch(at(100, { images: 1000, speed: 250, accuracies: { accuracy: 0.5, 'test accuracy': 0.4 } }));
  expect(written[0]).toContain('  250 images/s  accuracy 50.0 %  test accuracy 40.0 %  ');
  clock.ms = 20_000;
  progress.update(at(10, { images: 4000 }));
  expect(written[1]).toContain('  300 images/s');
});

// The benchmark of the loader: its options, and both sides on a small set (torchvision where a Python has it).
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { measure } from '../../bench/loader/measure.ts';
import { parseOptions } from '../../bench/loader/options.ts';
import { findPython, torchFolder } from '../../bench/loader/torchvision.ts';
import { UsageError } from '../../src/cli/common/options.ts';
import { openImageSource } from '../../src/data/sources/open-image-source.ts';
import { classes, files } from '../data/folder/image-files.ts';

describe('options', () => {
  it('have defaults, and are taken', () => {
    const { workers, ...rest } = parseOptions(['--data', 'x']);
    expect(rest).toMatchObject({
      data: 'x',
      batch: 32,
      batches: 20,
      size: 224,
      rounds: 7,
      floats: false,
      decoder: 'sharp',
    });
    expect(workers[0]).toBe(1);
    expect(parseOptions(['--data', 'x', '--workers', '1,3', '--floats'])).toMatchObject({
      workers: [1, 3],
      floats: true,
    });
  });
  it.each([
    [[], /^--data names the images to load; it is missing$/],
    [['--data', 'x', '--workers', '0'], /^--workers 0: takes a whole number from 1 to 256/],
    [['--data', 'x', '--fast'], /^Unknown option '--fast'/],
  ])('refuse %j in one line', (args, message) => {
    expect(() => parseOptions(args)).toThrow(UsageError);
    expect(() => parseOptions(args)).toThrow(message);
  });
});

it('measures both sides', async () => {
  const dir = await files(await classes(['a', 'b'], 6, 'train/'));
  const { train } = await openImageSource(dir, { cache: false });
  const python = existsSync('bench/torch_loader.py') ? findPython() : undefined;
  const torch = python === undefined ? undefined : { python, folder: torchFolder(dir)! };
  const row = await measure(
    train,
    1,
    { batch: 4, batches: 2, size: 16, floats: false, decoder: 'sharp', rounds: 1 },
    torch,
  );
  expect(row.ours.rate).toBeGreaterThan(0);
  expect(row.ours.cpu).toBeGreaterThan(0);
  if (torch) expect(row.ratio).toBeCloseTo(row.ours.rate / row.theirs!.rate);
  else expect(row.theirs).toBeUndefined();
});

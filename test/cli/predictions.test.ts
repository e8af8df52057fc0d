// What a network says of pictures: predict and eval, their lines and their JSON, which stands alone on standard output.
import { symlinkSync } from 'node:fs';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it as test } from 'vitest';
import { astrogpu, type Ended } from '../support/command.ts';
import {
  CLASSES,
  colorFolder,
  cwd,
  inside,
  makeSamples,
  network,
  oddPictures,
  removeSamples,
  write,
} from './samples.ts';

const it = test.concurrent;
const run = (line: string): Promise<Ended> => astrogpu(line.split(' '), cwd);

beforeAll(async () => {
  makeSamples();
  network('net.safetensors');
  await colorFolder('colors');
  await oddPictures('odd');
  write('bare', { 'notes.txt': Buffer.from('no picture') });
  await colorFolder('looped', ['red']);
  symlinkSync('..', inside('looped', 'red', 'up'));
});
afterAll(removeSamples);

it('predict: a line for each picture, folders walked, odd ones named and passed over', async () => {
  const { code, stdout, stderr } = await run(
    'predict net.safetensors --image looped --image odd bare nowhere.jpg --top 2 --batch 4',
  );
  expect(code).toBe(1);
  expect(stderr).toBe(
    [
      'bare: there are no pictures in this folder',
      'odd/bad.jpg: the image is cut short or damaged',
      'nowhere.jpg: there is no such file',
      '8 predicted, 3 skipped',
      '',
    ].join('\n'),
  );
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(8);
  expect(lines[0]).toMatch(/^looped\/red\/0\.jpg: (blue|green|red) \d+\.\d %, (blue|green|red) \d+\.\d %$/);
  expect(lines.map((line) => line.slice(0, line.indexOf(':'))).slice(5)).toEqual([
    'odd/alpha.png',
    'odd/cmyk.jpg',
    'odd/gray.jpg',
  ]);
});

it('predict --json: the same as JSON alone, probabilities that add up to one', async () => {
  const { code, stdout, stderr } = await run('predict net.safetensors --image odd --json');
  expect(code).toBe(1);
  expect(stderr).toBe('odd/bad.jpg: the image is cut short or damaged\n3 predicted, 1 skipped\n');
  const { predictions, skipped, ...rest } = JSON.parse(stdout);
  expect(rest).toEqual({ network: 'net.safetensors', model: 'tiny', classes: CLASSES });
  expect(skipped).toEqual([{ file: 'odd/bad.jpg', reason: 'the image is cut short or damaged' }]);
  for (const { top } of predictions) {
    const chances = top.map(({ probability }: { probability: number }) => probability);
    expect(chances).toEqual([...chances].sort((a, b) => b - a));
    expect(chances.reduce((a: number, b: number) => a + b)).toBeCloseTo(1, 9);
    for (const { class: name, label } of top) expect(name).toBe(CLASSES[label]);
  }
});

it('eval --json: numbers that fit each other, and a picture of the confusion matrix', async () => {
  const { code, stdout, stderr } = await run('eval net.safetensors --data colors --json --confusion matrix.png');
  expect(code).toBe(0);
  expect(stderr).toContain('confusion matrix: matrix.png\n');
  const result = JSON.parse(stdout);
  expect(result).toMatchObject({ network: 'net.safetensors', model: 'tiny', size: 16, classes: CLASSES, top5: 1 });
  expect(result.data).toMatchObject({ standIn: false, images: 15, of: 15 });
  const right = CLASSES.reduce((sum, _, i) => sum + result.confusion[i][i], 0);
  expect(result.accuracy).toBe(right / 15);
  expect(result.perClass).toHaveLength(3);
  for (const [i, row] of result.confusion.entries()) {
    const images = row.reduce((a: number, b: number) => a + b);
    expect(result.perClass[i]).toMatchObject({ class: CLASSES[i], images, accuracy: row[i] / images });
  }
  expect((await sharp(inside('matrix.png')).metadata()).width).toBeGreaterThan(900);
});

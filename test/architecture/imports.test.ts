// The house's rule: imports go down only (docs/architecture.md). A file may import from its own folder and from lower floors, never from above.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const src = fileURLToPath(new URL('../src/', import.meta.url));
/** Floors from the ground up. `astro` stands on `models`, whose networks it gates; `train` writes with `report`. */
const order = [
  'gpu',
  'tensor',
  'ops',
  'nn',
  'io',
  'data',
  'models',
  'prune',
  'astro',
  'report',
  'train',
  'export',
  'explain',
  'cli',
];
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

it('imports go down only', () => {
  const wrong: string[] = [];
  for (const file of files.filter((file) => file.includes('/'))) {
    const floor = order.indexOf(file.split('/')[0]);
    if (floor < 0) wrong.push(`${file} is on no floor`);
    for (const [, from] of readFileSync(src + file, 'utf8').matchAll(/from '(\.[^']+)'/g)) {
      const target = new URL(from, `file:///${file}`).pathname.slice(1).split('/')[0];
      if (order.indexOf(target) > floor) wrong.push(`${file} imports ${from}`);
    }
  }
  expect(wrong).toEqual([]);
});

it('every file opens with what it is', () => {
  const silent = files.filter((file) => !/^(#!.*\n)?\/\/ /.test(readFileSync(src + file, 'utf8')));
  expect(silent).toEqual([]);
});

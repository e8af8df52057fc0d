// Every program of examples/, and of the guide's pages that are one, runs as a person would run it, against the built package, and prints what it promises.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { program } from './support/command.ts';

const prints: Record<string, RegExp> = {
  'astrocyte.js':
    /^78042 parameters become \d{5}, .*\nlargest difference between the logits of both: \d\.\de-?\+?\d+$/m,
  'line-fit.js': /^y = 3\.0\d·x \+ -[01]\.\d\d$/m,
  'own-arrays.js': /^loss 0\.[01]\d+, 9\d(\.\d)? % of new points are right$/m,
  'own-kernel.js':
    /^0 kernels do not compile\ngradients are off by 0\.\d % at most\nthe first element's gradient is [\d.]+\n(kernel +calls[\s\S]*^mine\/relu-squared\/)?/m,
  'own-module-astrocyte.js':
    /^1\d{3} of 2580 parameters are kept, loss on held-out images 0\.\d{3}\n46144 multiplications an image become [12]\d{4}$/m,
  'own-network.js': /^5221 parameters, .*\nlogits \[4×5\], .*\n.*my-network\.onnx: \d{5} bytes$/m,
  'tiny-transformer.js': /^loss 0\.\d+, (9\d|100)\.\d % of unseen symbols are right$/m,
  'train-classifier.js': /^loss [01]\.\d+, test accuracy [2-9]\d\.\d %$/m,
};

it('every example is run here', () => {
  const found = readdirSync(fileURLToPath(new URL('../examples', import.meta.url)));
  expect(found.filter((name) => name.endsWith('.js')).sort()).toEqual(Object.keys(prints));
});

it.each(Object.entries(prints))('examples/%s', async (name, wanted) => {
  const { code, stdout, stderr } = await program(`examples/${name}`);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(wanted);
});

/** Pages whose blocks are one program; what a line logs stands in a comment behind it. */
const PAGES = ['capture', 'lifetime', 'own-modules', 'own-ops', 'tensors-and-ops', 'training'];

it.each(PAGES)('docs/guide/%s.md', async (page) => {
  const text = readFileSync(fileURLToPath(new URL(`../docs/guide/${page}.md`, import.meta.url)), 'utf8');
  const code = [...text.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, block]) => block).join('');
  const promised = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, line]) => line);
  const file = `dist/guide-${page}.mjs`;
  const url = new URL(`../${file}`, import.meta.url);
  writeFileSync(url, code);
  try {
    const { code: exit, stdout, stderr } = await program(file);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(promised.length).toBeGreaterThan(0);
    expect(stdout.split('\n')).toEqual(expect.arrayContaining(promised));
  } finally {
    rmSync(url);
  }
});

// Every program of examples/ runs as a person would run it, against the built package, and prints what it promises.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { program } from './support/command.ts';

const prints: Record<string, RegExp> = {
  'astrocyte.js':
    /^78042 parameters become \d{5}, .*\nlargest difference between the logits of both: \d\.\de-?\+?\d+$/m,
  'line-fit.js': /^y = 3\.0\d·x \+ -[01]\.\d\d$/m,
  'own-kernel.js': /^999² = 998001$/m,
  'own-network.js': /^5221 parameters, .*\nlogits \[4×5\], .*\n.*my-network\.onnx: \d{5} bytes$/m,
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

// How many files an addition touches: the pages of docs/guide are applied to a copy of the project as they are printed, and what they add is used there.
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { after, Copy, filesOf, type Step, stepsOf } from './additions.ts';
import { root, type SourceFile } from './tree.ts';

interface Addition {
  /** In docs/guide. */
  page: string;
  /** Files that it may touch. */
  most: number;
  /** A test that uses what was added, where the page has none of its own. */
  proof?: string;
}

const ADDITIONS: Addition[] = [
  { page: 'op', most: 3 },
  {
    page: 'model',
    most: 2,
    proof: `
import { createModel } from 'astrogpu/models';
import { constantRate, Sgd, TRAIN } from 'astrogpu/nn';
import { backward, crossEntropy, scope, tensor } from 'astrogpu/tensor';
import { expect, it } from 'vitest';
import { gpu, on } from '../support/gpu.ts';
import { values } from '../support/random.ts';

it('the new model is found by name, has its parameters and learns', async () => {
  const network = createModel('all-cnn-small').to(gpu, 1);
  const convolutions = [[3, 16], [16, 16], [16, 32], [32, 32], [32, 32], [32, 64], [64, 64], [64, 64]];
  const parameters = convolutions.map(([inputs, outputs]) => 9 * inputs * outputs + 2 * outputs);
  expect(network.parameterCount()).toBe(parameters.reduce((a, b) => a + b) + 64 * 10 + 10);

  const x = on(values(1, 4 * 8 * 8 * 3), [4, 8, 8, 3]);
  const labels = tensor(gpu, Uint32Array.of(0, 1, 2, 3), [4], 'labels', 'u32');
  const optimizer = new Sgd(network.arena, { schedule: tensor(gpu, constantRate(0.1), [1]), momentum: 0.9 });
  const losses: number[] = [];
  for (let i = 0; i < 10; i++) {
    const loss = scope(() => {
      const loss = crossEntropy(network.forward(x, TRAIN), labels);
      backward(loss);
      optimizer.step();
      return loss;
    });
    losses.push(await loss.item());
    loss.release();
  }
  expect(losses.at(-1)).toBeLessThan(losses[0] / 2);
});
`,
  },
];

const pageOf = (page: string): SourceFile => {
  const path = `docs/guide/${page}.md`;
  return { path, text: readFileSync(root + path, 'utf8') };
};

const isTest = (file: string): boolean => file.endsWith('.test.ts');

describe('the guide', () => {
  const copy = new Copy();
  afterAll(() => copy.remove());

  const steps = ADDITIONS.flatMap(({ page }) => stepsOf(pageOf(page)));
  const proofs = Object.fromEntries(
    ADDITIONS.flatMap(({ page, proof }) => (proof ? [[`test/proofs/${page}.test.ts`, proof]] : [])),
  );
  const tests = [...new Set(steps.map(({ file }) => file).filter(isTest)), ...Object.keys(proofs)];

  it.each(ADDITIONS)('adding as the page $page says touches no more than $most files', ({ page, most, proof }) => {
    const files = filesOf(pageOf(page));
    expect(files.length, files.join(', ')).toBeLessThanOrEqual(most);
    expect(proof !== undefined || files.some(isTest), 'nothing shows that it works').toBe(true);
  });

  it('adds what was not there before, is well written, and works', { timeout: 240_000 }, () => {
    for (const step of steps) if (isTest(step.file)) copy.apply(step);
    for (const [file, text] of Object.entries(proofs)) copy.write(file, text);
    for (const [file, outcome] of Object.entries(copy.test(tests))) expect(outcome, file).not.toBe('passed');
    for (const step of steps) if (!isTest(step.file)) copy.apply(step);
    expect(copy.typeErrors()).toBe('');
    expect(copy.lintErrors(steps.filter(({ where }) => where === 'new').map(({ file }) => file))).toBe('');
    expect(copy.test(tests)).toEqual(Object.fromEntries(tests.map((file) => [file, 'passed'])));
  });

  it('and a page that does not fit the code is found', { timeout: 60_000 }, () => {
    copy.write('src/ops/wrong.ts', "// Wrong.\nimport { none } from './index.ts';\n\nexport const wrong = none;\n");
    expect(copy.typeErrors()).toContain("has no exported member 'none'");
    copy.write('src/ops/wrong.ts', '// Wrong.\nexport const wrong = [1,2]\n');
    expect(copy.lintErrors(['src/ops/wrong.ts'])).toContain('src/ops/wrong.ts format');
  });
});

describe('a page', () => {
  const page = (text: string): SourceFile => ({ path: 'docs/guide/a.md', text });

  it('is read step by step', () => {
    const text = `# A
**\`src/a.ts\`**, new:

\`\`\`ts
let a;
\`\`\`

**\`b.ts\`**, after \`\`x = \`y\` \`\`:

\`\`\`ts
z
\`\`\`

**\`b.ts\`**, at its end:

\`\`\`ts

w
\`\`\`

\`\`\`sh
npm test
\`\`\`
`;
    expect(stepsOf(page(text))).toEqual([
      { file: 'src/a.ts', where: 'new', anchor: '', code: 'let a;\n' },
      { file: 'b.ts', where: 'after', anchor: 'x = `y` ', code: 'z\n' },
      { file: 'b.ts', where: 'at its end', anchor: '', code: '\nw\n' },
    ]);
    expect(filesOf(page(text))).toEqual(['src/a.ts', 'b.ts']);
  });

  it.each([
    ['no code', 'Nothing.', '0 blocks of code, 0 of them with a place'],
    ['code without a place', 'Then:\n\n```ts\nx\n```\n', '1 blocks of code, 0 of them with a place'],
  ])('with %s is refused', (_, text, message) => {
    expect(() => stepsOf(page(text))).toThrow(`docs/guide/a.md: ${message}`);
  });
});

describe('a step', () => {
  const step = (where: Step['where'], anchor = ''): Step => ({ file: 'a.ts', where, anchor, code: 'new\n' });

  it.each([
    ['new', '', undefined, 'new\n'],
    ['at its end', '', 'one\n', 'one\nnew\n'],
    ['after', 'ne t', 'one two\nthree\n', 'one two\nnew\nthree\n'],
    ['in place of', 'two', 'one two\n', 'one new\n'],
  ] as const)('%s "%s"', (where, anchor, text, result) => {
    expect(after(text, step(where, anchor))).toBe(result);
  });

  it.each([
    ['new', '', 'one\n', 'a.ts is there already'],
    ['after', 'one', undefined, 'there is no a.ts'],
    ['after', 'two', 'one\n', 'a.ts has no two'],
    ['in place of', 'one', 'one one\n', 'a.ts has one more than once'],
  ] as const)('%s "%s" that does not fit is refused', (where, anchor, text, message) => {
    expect(() => after(text, step(where, anchor))).toThrow(message);
  });
});

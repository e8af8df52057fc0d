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
  {
    page: 'kernel',
    most: 3,
    proof: `
import { expect, it } from 'vitest';
import { inputCount, outputCount, weightCount } from '../../src/ops/conv/kernels/geometry.ts';
import { convDataGradient, convForward, convWeightGradient } from '../../src/ops/conv/kernels/launch.ts';
import { empty } from '../../src/tensor/tensor.ts';
import { gpu, on } from '../support/gpu.ts';
import { smallWholes } from '../support/matrix.ts';

const shape = (k: number) => ({
  ...{ n: 2, h: 5, w: 6, ci: 7, ho: 5, wo: 6, co: 9, kh: k, kw: k },
  ...{ sh: 1, sw: 1, ph: k >> 1, pw: k >> 1, dh: 1, dw: 1, groups: 1 },
});

async function convolved(k: number, force: string) {
  const g = shape(k);
  const [x, w, dy] = [inputCount(g), weightCount(g), outputCount(g)].map((n, i) => on(smallWholes(n + i, n), [n]));
  const [y, dx, dw] = [dy, x, w].map(({ shape }) => empty(gpu, shape, 'result'));
  const chosen: string[] = [];
  gpu.tuner.observer = (_, name) => chosen.push(name);
  gpu.tuner.force = force;
  convForward(gpu, g, x.slice, w.slice, y.slice);
  convDataGradient(gpu, g, dy.slice, w.slice, dx.slice);
  convWeightGradient(gpu, g, x.slice, dy.slice, dw.slice);
  gpu.tuner.force = gpu.tuner.observer = undefined;
  return { values: await Promise.all([y, dx, dw].map((result) => result.floats())), chosen };
}

it('the new kernel agrees with the plain one in three directions, and is not offered what it cannot do', async () => {
  const { values, chosen } = await convolved(1, 'direct');
  expect(chosen).toEqual(['direct', 'direct', 'direct']);
  expect(values).toEqual((await convolved(1, 'plain')).values);
  expect((await convolved(3, 'direct')).chosen).not.toContain('direct');
});
`,
  },
  {
    page: 'node-kind',
    most: 2,
    proof: `
import { describe } from 'vitest';
import { GraphBuilder } from '../../src/models/graph/builder.ts';
import { agreesWithItself } from '../support/graph.ts';

const b = new GraphBuilder();
const stem = b.conv(b.image(), 'stem', 8, { norm: 'stem.norm', relu: true });
const inner = b.conv(stem, 'inner', 8, { norm: 'inner.norm' });
const scaled = b.add({ op: 'layerScale', name: 'scaled', input: inner, channels: 8 });
const block = b.conv(scaled, 'block', 8, { norm: 'block.norm', residual: stem, relu: true });
b.linear(b.globalPool(block), 'fc', 3);

describe('the new kind of node', () => agreesWithItself(b.graph('layer scale', 8)));
`,
  },
  {
    page: 'astrocyte',
    most: 2,
    proof: `
import { Astrocyte, GateLayout, Regulator } from 'astrogpu/astro';
import { Adam, constantRate } from 'astrogpu/nn';
import { backward, noGrad, scope, sum, tensor } from 'astrogpu/tensor';
import { expect, it } from 'vitest';
import { gpu } from '../support/gpu.ts';
import { tinyNet } from '../support/tiny-net.ts';

it('the new astrocyte is found by name, regulates and learns', async () => {
  const network = tinyNet().to(gpu, 7);
  const layout = new GateLayout(network, 'connection');
  const astrocyte = new Astrocyte({ network: 'flat', maps: layout.maps }).to(gpu, 8);
  expect(astrocyte.parameterCount()).toBe(2657 + 2);
  const regulator = new Regulator(gpu, layout, astrocyte, {
    ...{ T: 2, mode: 'replace', feature: 'mixture', absolute: false, norm: 'mean', backpropThroughGates: false },
  });
  scope(() => regulator.regulate());
  const gates = await regulator.gate.floats();
  expect(gates.every((gate) => gate > 0 && gate < 1)).toBe(true);

  const optimizer = new Adam(astrocyte.arena, { schedule: tensor(gpu, constantRate(0.01), [1]) });
  const before = noGrad(() => scope(() => sum(regulator.iterate(1).p)));
  for (let i = 0; i < 5; i++)
    scope(() => {
      backward(sum(regulator.iterate(1).p));
      optimizer.step();
    });
  const after = noGrad(() => scope(() => sum(regulator.iterate(1).p)));
  expect(await after.item()).toBeLessThan(await before.item());
});
`,
  },
  { page: 'loss', most: 3 },
  {
    page: 'option',
    most: 2,
    proof: `
import { configure } from 'astrogpu/train';
import { expect, it } from 'vitest';
import { settingGroups } from '../../src/cli/train/notes.ts';
import { helpText, parseOptions } from '../../src/cli/train/options.ts';
import { guideStage, runSteps } from '../support/training.ts';

const surroundings = { software: true, available: { train: 100, test: 100 } };

it('the new option is read, has a default, and shows in the help and in the report', () => {
  expect(configure(parseOptions(['--no-nesterov']), surroundings).noNesterov).toBe(true);
  const config = configure(parseOptions([]), surroundings);
  expect(config.noNesterov).toBe(false);
  expect(helpText()).toContain('--no-nesterov');
  const settings = settingGroups(config).flatMap(({ settings }) => settings);
  expect(settings).toContainEqual({ name: '--no-nesterov', value: 'no' });
});

it('and trains otherwise', async () => {
  const trained = async (recipe: object) => {
    const { stage, release } = guideStage({ recipe });
    await runSteps(stage, 0, 3);
    const values = await stage.network.arena.values.floats();
    release();
    return values;
  };
  const usual = await trained({});
  expect(await trained({ noNesterov: false })).toEqual(usual);
  expect(await trained({ noNesterov: true })).not.toEqual(usual);
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

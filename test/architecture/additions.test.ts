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
import { Sgd, TRAIN } from 'astrogpu/nn';
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
  const optimizer = new Sgd(network.arena, { lr: 0.1, momentum: 0.9 });
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
import { conv2d } from 'astrogpu/tensor';
import { afterEach, expect, it } from 'vitest';
import { gpu, on } from '../support/gpu.ts';
import { values } from '../support/random.ts';

afterEach(() => {
  gpu.tuner.force = gpu.tuner.observer = undefined;
});

it.each([{ stride: 1, padding: 1 }, { stride: 2, padding: 0 }, { stride: 1, padding: 2, dilation: 2 }])(
  'the new kernel is forced by name and agrees with the plain one: %j',
  async (options) => {
    const x = on(values(1, 2 * 7 * 6 * 5), [2, 7, 6, 5]);
    const w = on(values(2, 9 * 5 * 8), [3, 3, 5, 8]);
    const chosen: string[] = [];
    gpu.tuner.observer = (_, name) => chosen.push(name);
    const by = async (name: string) => {
      gpu.tuner.force = name;
      return conv2d(x, w, options).floats();
    };
    const [quad, plain] = [await by('quad'), await by('plain')];
    expect(chosen).toEqual(['quad', 'plain']);
    for (const [i, value] of plain.entries()) expect(quad[i]).toBeCloseTo(value, 4);
  },
);
`,
  },
  {
    page: 'node-kind',
    most: 2,
    proof: `
import { GraphBuilder } from 'astrogpu/models';
import type { LayerScaleNode } from '../../src/models/kinds/layer-scale.ts';
import { agreesWithItself } from '../support/graph.ts';

const b = new GraphBuilder();
const stem = b.conv(b.image(), 'stem', 8, { norm: 'stem.norm', relu: true });
const branch = b.conv(stem, 'branch', 8, { norm: 'branch.norm' });
const scaled = b.add<LayerScaleNode>({ op: 'layerScale', name: 'scaled', input: branch, channels: 8 });
const sum = b.conv(scaled, 'block', 8, { norm: 'block.norm', residual: stem, relu: true });
b.linear(b.globalPool(sum), 'fc', 3);
agreesWithItself(b.graph('scaled', 8));
`,
  },
  {
    page: 'astrocyte',
    most: 2,
    proof: `
import { Astrocyte, astrocyteNames, GateLayout, Regulator } from 'astrogpu/astro';
import { expect, it } from 'vitest';
import { gpu } from '../support/gpu.ts';
import { tinyNet } from '../support/tiny-net.ts';

it('the new network is found by name and regulates', async () => {
  expect(astrocyteNames).toContain('pixelwise');
  const network = tinyNet().to(gpu, 1);
  const layout = new GateLayout(network, 'connection');
  const astrocyte = new Astrocyte({ network: 'pixelwise' }).to(gpu, 2);
  const regulator = new Regulator(gpu, layout, astrocyte, {
    ...{ T: 3, mode: 'replace', feature: 'mixture', absolute: false, norm: 'mean', backpropThroughGates: false },
  });
  regulator.regulate();
  const gates = await regulator.gate.floats();
  expect(gates.length).toBe(layout.total);
  expect(Math.min(...gates)).toBeGreaterThan(0);
  expect(Math.max(...gates)).toBeLessThan(1);
  expect(Math.max(...gates) - Math.min(...gates)).toBeGreaterThan(0.1);
});
`,
  },
  { page: 'loss', most: 3 },
  {
    page: 'option',
    most: 2,
    proof: `
import { parseOptions } from 'astrogpu/cli';
import { configure } from 'astrogpu/train';
import { expect, it } from 'vitest';
import { notes, settingGroups } from '../../src/cli/train/notes.ts';
import { helpText } from '../../src/cli/train/options.ts';
import { fingerprint, runSteps, searchStage } from '../support/training.ts';

it('the new option is read, defaulted, shown and used', async () => {
  const config = configure(parseOptions(['--recipe', 'paper', '--an-weight-decay', '0.5']), {
    software: true,
    available: { train: 100, test: 10 },
  });
  expect(config.anWeightDecay).toBe(0.5);
  expect(helpText('train', 200)).toMatch(/--an-weight-decay X +weight decay of the astrocyte's Adam \\(default 0/);
  expect(JSON.stringify(settingGroups(config))).toContain('{"name":"--an-weight-decay","value":"0.5"}');
  expect(notes(config).at(-1)).toBe('Beyond the paper: a weight decay of 0.5 on the astrocyte.');
  const trained = async (anWeightDecay?: number): Promise<string> => {
    const { stage, release } = searchStage({ searchEpochs: 1, ...(anWeightDecay !== undefined && { anWeightDecay }) });
    await runSteps(stage, 0, stage.stepsPerEpoch);
    const { an } = await fingerprint(stage);
    release();
    return an;
  };
  expect(await trained(0)).toBe(await trained());
  expect(await trained(0.5)).not.toBe(await trained());
});
`,
  },
];

/** Tests of the lists that the pages add to, which must not mind what is added. */
const NEIGHBORS = [
  'test/astro/own-network.test.ts',
  'test/cli/train-options.test.ts',
  'test/models/graph/graph.test.ts',
  'test/models/kinds/own-kind.test.ts',
  'test/models/zoo/registry.test.ts',
  'test/nn/loss/registry.test.ts',
  'test/ops/conv/add-kernel.test.ts',
  'test/train/options.test.ts',
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
    const all = [...tests, ...NEIGHBORS];
    expect(copy.test(all)).toEqual(Object.fromEntries(all.map((file) => [file, 'passed'])));
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

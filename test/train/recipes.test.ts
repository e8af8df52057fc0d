// Recipes: defaults that go together, which what was given overrides.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { notes } from '../../src/cli/train/notes.ts';
import { fullCommand } from '../../src/cli/train/reproduction.ts';
import { configure } from '../../src/train/config.ts';
import type { Given } from '../../src/train/options/option.ts';
import type { JOB_OPTIONS } from '../../src/train/options/table.ts';
import { asPaper, recipeDefaults, SIZES } from '../../src/train/recipes.ts';
import { checkOptions } from '../../src/train/run/check-options.ts';
import { planStages } from '../../src/train/run/stage-plan.ts';

const config = (given: Given<typeof JOB_OPTIONS>, software = false) =>
  configure(given, { software, available: { train: 50_000, test: 10_000 } });

const own = recipeDefaults({ recipe: 'astrogpu' }, false);

it('the paper’s is what the table says', () => {
  for (const software of [false, true]) expect(recipeDefaults({ recipe: 'paper' }, software)).toEqual({});
  const rows = { an: 'unet', gated: 'all', absolute: false, settle: 0.3, updates: 'each' } as const;
  expect(config({ recipe: 'paper' })).toMatchObject({ recipe: 'paper', ...rows });
  for (const name of SIZES) expect(config({ recipe: 'paper' })).not.toHaveProperty(name);
});

it('astrogpu’s is the default, on every adapter', () => {
  for (const software of [false, true]) {
    expect(config({}, software)).toEqual(config({ recipe: 'astrogpu' }, software));
    expect(config({}, software).recipe).toBe('astrogpu');
  }
});

it('astrogpu’s is in the configuration, on every adapter, but for what was given', () => {
  for (const software of [false, true]) expect(config({ recipe: 'astrogpu' }, software)).toMatchObject(own);
  expect(config({ recipe: 'astrogpu', shift: 0, absolute: false, gated: 'all' })).toMatchObject({
    ...own,
    ...{ shift: 0, absolute: false, gated: 'all' },
  });
});

it('astrogpu’s starts the astrocyte at what is large, unless nothing leads there', () => {
  expect(config({ recipe: 'astrogpu' }).zeroInit).toBe(true);
  expect(config({ recipe: 'astrogpu', logitSkipScale: 0 }).zeroInit).toBe(false);
  expect(() => checkOptions({ recipe: 'astrogpu', zeroInit: true })).not.toThrow();
  expect(() => checkOptions({ recipe: 'paper', zeroInit: true })).toThrow('give logitSkipScale too');
});

it('of a transformer is the paper’s, unless another is named', () => {
  expect(config({ model: 'vit-tiny-cifar' })).toEqual(config({ model: 'vit-tiny-cifar', recipe: 'paper' }));
  expect(config({ model: 'vit-tiny-cifar', recipe: 'astrogpu' })).toMatchObject({ ...own, gate: 'filter' });
  expect(config({ model: 'resnet-small' }).recipe).toBe('astrogpu');
});

it('says how much stays, where nothing else does', () => {
  const sizes = ({ keep, fall, threshold, targetParams }: Given<typeof JOB_OPTIONS>) => ({
    keep,
    fall,
    threshold,
    targetParams,
  });
  expect(sizes(config({ recipe: 'astrogpu' }))).toEqual({ fall: own.fall, targetParams: own.targetParams });
  expect(sizes(config({ recipe: 'astrogpu', keep: 0.25 }))).toEqual({ keep: 0.25, fall: own.fall });
  expect(sizes(config({ recipe: 'astrogpu', threshold: 0.4 }))).toEqual({ threshold: 0.4 });
  // Its fall gives way to a settling that begins before it; one that was given does not.
  expect(sizes(config({ recipe: 'astrogpu', settle: 0.9 }))).toEqual({ targetParams: own.targetParams });
  expect(() => checkOptions({ recipe: 'astrogpu', settle: 0.9 })).not.toThrow();
  expect(() => checkOptions({ recipe: 'astrogpu', settle: 0.9, fall: 0.1 })).toThrow('fall 0.1');
});

it('compares what a run has what it takes for', () => {
  const arms = (given: Given<typeof JOB_OPTIONS>, software = false) =>
    config({ recipe: 'astrogpu', ...given }, software).arms;
  expect(config({ recipe: 'paper' }).arms).toEqual(['plain', 'random', 'trained', 'narrow']);
  expect(arms({})).toEqual(['plain', 'random', 'paper', 'magnitude', 'trained', 'narrow']);
  expect(arms({}, true)).toEqual(['plain', 'magnitude', 'trained', 'narrow']);
  expect(arms({ threshold: 0.4 }, true)).toEqual(['plain', 'trained', 'narrow']);
  expect(arms({ astrocyte: 'a', weights: 'b' })).toEqual(['plain', 'random', 'magnitude', 'trained']);
  expect(arms({ arms: ['plain'] })).toEqual(['plain']);
  const searches = planStages(config({ recipe: 'astrogpu', phase: ['search'] }));
  expect(searches.map(({ arm }) => arm)).toEqual(['trained AN']);
});

it('beside it the paper’s arm has another search, and the paper’s readings', () => {
  const job = config({ recipe: 'astrogpu', searchEpochs: 2 });
  const plan = planStages(job).map(({ arm, phase, astrocyte }) => `${arm} ${phase} ${astrocyte}`);
  expect(plan).toEqual([
    'paper AN search fresh',
    'trained AN search fresh',
    'plain NN guide none',
    'untrained AN guide fresh',
    'paper AN guide found',
    'largest weights guide none',
    'trained AN guide found',
    'narrower NN guide none',
  ]);
  expect(asPaper(job)).toEqual({ ...config({ recipe: 'paper', searchEpochs: 2 }), arms: job.arms });
  expect(asPaper(config({ recipe: 'paper', threshold: 0.4 }, true)).guideEvery).toBe(1);
  for (const [model, gate] of [
    ['resnet18', 'connection'],
    ['vit-tiny-cifar', 'filter'],
  ] as const)
    expect(asPaper(config({ recipe: 'astrogpu', model, gate: 'channel' })).gate).toBe(gate);
  const beyond = { temperature: 2, ranking: 'layer', gateValues: 'binary', an: 'axial', optimizer: 'adamw' } as const;
  expect(asPaper(config({ recipe: 'astrogpu', ...beyond }))).toMatchObject({
    ...{ temperature: 1, ranking: 'network', gateValues: 'probability', an: 'unet', optimizer: 'adamw' },
  });
  expect(notes(job).join()).toContain("The paper AN has the paper's readings");
  const planned = (given: Given<typeof JOB_OPTIONS>) => () => planStages(config(given));
  expect(planned({ recipe: 'paper', arms: ['paper'] })).toThrow(
    "with recipe paper the trained arm is the paper's: leave paper out of arms",
  );
  expect(planned({ recipe: 'astrogpu', arms: ['paper'], phase: ['guide'] })).toThrow('takes a search of its own');
});

it('says that an untrained astrocyte ranks by its features, where it does', () => {
  const named = (given: Given<typeof JOB_OPTIONS>) => {
    const job = config({ recipe: 'astrogpu', ...given });
    return [
      planStages(job).find(({ role }) => role === 'random')!.arm,
      notes(job).find((note) => /its training/.test(note)),
    ];
  };
  expect(named({})).toEqual([
    'untrained AN',
    'The untrained AN is the trained one before its training: its last layer is zero, so that its gates are in the order of their features, the largest weights of each layer first, and nothing of it is random.',
  ]);
  expect(named({ absolute: false })[1]).toContain('in the order of their features, and nothing');
  expect(named({ zeroInit: false })).toEqual(['random AN', 'The random AN is the trained one before its training.']);
});

it('is named in the notes', () => {
  const beyond = notes(config({ recipe: 'astrogpu' })).at(-1)!;
  expect(beyond).toMatch(/^Beyond the paper: .*the recipe astrogpu/);
  expect(beyond).toContain('without gates');
  const said = (given: Given<typeof JOB_OPTIONS>) => notes(config(given)).filter((note) => note.startsWith('Recipe:'));
  expect(said({})).toEqual(["Recipe: astrogpu, which goes beyond the paper; --recipe paper has the paper's readings."]);
  expect(said({ recipe: 'paper' })).toEqual(["Recipe: the paper's readings, but for what other notes say."]);
  // A plain network has nothing of either.
  expect(said({ arms: ['plain'] })).toEqual([]);
});

it('is written down in docs/method.md, option by option', () => {
  const text = readFileSync(new URL('../../docs/method.md', import.meta.url), 'utf8').replaceAll('\n', ' ');
  const recipe = /\*\*Recipes\.\*\*.*?## 7/.exec(text)![0];
  for (const option of fullCommand('', own)
    .trim()
    .split(/ (?=--)/))
    expect(recipe).toContain(`\`${option}\``);
});

// Recipes: defaults that go together, which what was given overrides.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { notes } from '../../src/cli/train/notes.ts';
import { fullCommand } from '../../src/cli/train/reproduction.ts';
import { configure } from '../../src/train/config.ts';
import type { Given } from '../../src/train/options/option.ts';
import type { JOB_OPTIONS } from '../../src/train/options/table.ts';
import { recipeDefaults } from '../../src/train/recipes.ts';

const config = (given: Given<typeof JOB_OPTIONS>, software = false) =>
  configure(given, { software, available: { train: 50_000, test: 10_000 } });

const own = recipeDefaults({ recipe: 'astrogpu' });

it('the paper’s is what the table says', () => {
  expect(recipeDefaults({})).toEqual({});
  expect(config({ recipe: 'paper' })).toEqual(config({}));
  expect(config({})).toMatchObject({ recipe: 'paper', gated: 'all', absolute: false, settle: 0.3 });
});

it('astrogpu’s is in the configuration, on every adapter, but for what was given', () => {
  for (const software of [false, true]) expect(config({ recipe: 'astrogpu' }, software)).toMatchObject(own);
  expect(config({ recipe: 'astrogpu', shift: 0, absolute: false, gated: 'all' })).toMatchObject({
    ...own,
    ...{ shift: 0, absolute: false, gated: 'all' },
  });
});

it('says how much stays, where nothing else does', () => {
  const sizes = ({ keep, threshold }: Given<typeof JOB_OPTIONS>) => ({ keep, threshold });
  expect(sizes(config({ recipe: 'astrogpu', keep: 0.25 }))).toEqual({ keep: 0.25 });
  expect(sizes(config({ recipe: 'astrogpu', threshold: 0.4 }))).toEqual({ threshold: 0.4 });
});

it('is named in the notes', () => {
  const beyond = notes(config({ recipe: 'astrogpu' })).at(-1)!;
  expect(beyond).toMatch(/^Beyond the paper: .*the recipe astrogpu/);
  expect(beyond).toContain('without gates');
  expect(notes(config({})).join()).toContain("Recipe: the paper's");
});

it('is written down in docs/method.md, option by option', () => {
  const text = readFileSync(new URL('../../docs/method.md', import.meta.url), 'utf8').replaceAll('\n', ' ');
  const recipe = /\*\*Recipes\.\*\*.*?## 7/.exec(text)![0];
  for (const option of fullCommand('', own)
    .trim()
    .split(/ (?=--)/))
    expect(recipe).toContain(`\`${option}\``);
});

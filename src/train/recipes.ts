// Named recipes: defaults of other options that go together, and are worth something only so. Here is the one place that says what a recipe is made of; docs/method.md
// §6 tells why.
import type { Given } from './options/option.ts';
import { JOB_OPTIONS } from './options/table.ts';

type Defaults = Given<typeof JOB_OPTIONS>;

interface Recipe {
  /** Of the astrocyte, the gates and the guide. */
  defaults: Defaults;
  /** How small the network becomes, where no option says it. */
  size: Defaults;
}

const RECIPES: Record<(typeof JOB_OPTIONS)['recipe']['default'], Recipe> = {
  paper: { defaults: {}, size: {} },
  astrogpu: {
    defaults: { gated: 'inner', absolute: true, logitSkipScale: 1, shift: 2, settle: 0.4, guideEvery: 10 },
    size: { keep: 0.5 },
  },
};

/** The options that say how small the network becomes: each in place of the others. */
const SIZES = ['keep', 'threshold'] as const;

/** The defaults that the recipe of a job brings: its own, or that of the table. What was given overrides them. */
export function recipeDefaults(given: Defaults): Defaults {
  const { defaults, size } = RECIPES[given.recipe ?? JOB_OPTIONS.recipe.default];
  return SIZES.some((name) => given[name] !== undefined) ? defaults : { ...defaults, ...size };
}

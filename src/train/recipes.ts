// Named recipes: defaults of other options that go together, and are worth something only so. Here is the one place that says what a recipe is made of; docs/method.md
// §6 tells why.
import { usualGate } from '../models/index.ts';
import { type Given, type OptionTable, type Settings, settingsOf } from './options/option.ts';
import { JOB_OPTIONS } from './options/table.ts';

type Rows = typeof JOB_OPTIONS;
type Arms = Rows['arms']['default'];

interface Recipe {
  /** Of the astrocyte, the gates, the search and the guide. */
  defaults: Given<Rows>;
  /** Beside them on a software adapter, where minutes have to do. */
  softwareDefaults: Given<Rows>;
  /** How a part of the gates is kept, and which where no option says how much stays. */
  cut: Given<Rows>;
  size: Given<Rows>;
  /** What a run compares; on a software adapter what minutes allow. */
  arms: Arms;
  softwareArms: Arms;
}

const RECIPES: Record<Rows['recipe']['default'], Recipe> = {
  paper: {
    defaults: {},
    softwareDefaults: {},
    cut: {},
    size: {},
    arms: JOB_OPTIONS.arms.default,
    softwareArms: JOB_OPTIONS.arms.default,
  },
  astrogpu: {
    defaults: {
      an: 'axial',
      gated: 'inner',
      absolute: true,
      logitSkipScale: 1,
      zeroInit: true,
      shift: 2,
      updates: 'last',
      settle: 0.4,
      guideEvery: 10,
    },
    softwareDefaults: { searchEpochs: 3 },
    cut: { fall: 0.1 },
    size: { targetParams: 0.25 },
    // The narrow one is as large as the arm with gates before it.
    arms: ['plain', 'random', 'paper', 'magnitude', 'trained', 'narrow'],
    softwareArms: ['plain', 'magnitude', 'trained', 'narrow'],
  },
};

/** The options that say how small the network becomes: each in place of the others. */
export const SIZES = ['keep', 'threshold', 'targetParams', 'targetFlops', 'targetTime'] as const;

/** The recipe of a job that names none: the paper's for transformers, on which nothing was measured that speaks for another. */
export const usualRecipe = (model?: string): keyof typeof RECIPES =>
  model !== undefined && usualGate(model) === 'filter' ? 'paper' : JOB_OPTIONS.recipe.default;

const recipeOf = ({ recipe, model }: Given<Rows>): Recipe => RECIPES[recipe ?? usualRecipe(model)];

/** The defaults that the recipe of a job brings: its own, or the usual one. What was given overrides them. */
export function recipeDefaults(given: Given<Rows>, software: boolean): Given<Rows> {
  const { size, softwareDefaults, ...recipe } = recipeOf(given);
  const usual = { ...recipe.defaults, ...(software && softwareDefaults) };
  // Without a skip there is nothing that an astrocyte could begin with.
  const defaults = given.logitSkipScale === 0 ? { ...usual, zeroInit: undefined } : usual;
  // A fall ends where settling begins: one that was given may leave it no room.
  const settle = given.settle ?? defaults.settle ?? JOB_OPTIONS.settle.default;
  const { fall = 0 } = recipe.cut;
  const cut = fall < 1 - settle ? recipe.cut : { ...recipe.cut, fall: undefined };
  const said = SIZES.find((name) => given[name] !== undefined);
  if (said === undefined) return { ...defaults, ...cut, ...size };
  return said === 'threshold' ? defaults : { ...defaults, ...cut };
}

/** The arms that the recipe of a job compares, but for those that what was given leaves without what they take. */
export function recipeArms(given: Given<Rows>, software: boolean): Arms {
  const { arms, softwareArms } = recipeOf(given);
  const does = (phase: Rows['phase']['default'][number]): boolean => given.phase?.includes(phase) ?? true;
  const fits: Partial<Record<Arms[number], boolean>> = {
    // Weights of the whole network fit no narrower one.
    narrow: given.weights === undefined,
    magnitude: given.threshold === undefined,
    // An astrocyte of its own, which the guide alone takes.
    paper: given.astrocyte === undefined && does('search') && does('guide'),
  };
  return (software ? softwareArms : arms).filter((arm) => fits[arm] ?? true);
}

/** What the paper's arm has in common with the others, though options of it may go beyond the paper. */
const COMMON: ReadonlySet<string | undefined> = new Set(['data', 'network', 'training']);

/** The same job with the paper's readings: what goes beyond the paper or is another recipe's is as the table has it. */
export function asPaper(config: Settings<Rows>): Settings<Rows> {
  const { defaults, cut } = RECIPES.astrogpu;
  const others = new Set<string>([...SIZES, ...Object.keys({ ...defaults, ...cut })]);
  const rows: OptionTable = JOB_OPTIONS;
  const isPapers = ([name, value]: [string, unknown]): boolean =>
    !others.has(name) && (COMMON.has(rows[name].group) || rows[name].beyond?.(value) === undefined);
  const kept = Object.fromEntries(Object.entries(config).filter(isPapers));
  return settingsOf(JOB_OPTIONS, { gate: usualGate(config.model), ...kept, recipe: 'paper' }, false);
}

/** A job as one of its arms has it. */
export const asArm = (config: Settings<Rows>, arm: Arms[number] | undefined): Settings<Rows> =>
  arm === 'paper' ? asPaper(config) : config;

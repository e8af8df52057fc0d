// The stages of a job in order: which searches, and which arms the guide trains after them (docs/method.md §6, §8).
import { ConfigError } from '../../gpu/index.ts';
import type { ArmName, JobConfig } from '../config.ts';

/** A stage that a job will have. */
export interface StagePlan {
  arm: string;
  phase: 'search' | 'guide';
  /** What the arm is in the comparison of a job. */
  role?: ArmName;
  /** Has the network gates? */
  regulated: boolean;
  /** Whose parameters the astrocyte that makes them starts from; none where weights alone decide. */
  astrocyte: 'fresh' | 'found' | 'none';
  /** Is the network made uniformly narrower, to the size that the last regulated arm has? */
  narrow?: boolean;
  /** Of a stage that goes on with a finished network: epochs in all. */
  extendedTo?: number;
  /** Share of the job's time, in NN updates' worth: for the display only. */
  work: number;
}

/** Names as the table shows them. */
const ARMS: Record<ArmName, string> = {
  plain: 'plain NN',
  random: 'random AN',
  trained: 'trained AN',
  paper: 'paper AN',
  magnitude: 'largest weights',
  narrow: 'narrower NN',
};

/** An arm's name. An astrocyte whose last layer starts at zero has nothing random in it before its training. */
export const armName = (arm: ArmName, { zeroInit }: Pick<JobConfig, 'zeroInit'>): string =>
  arm === 'random' && zeroInit ? 'untrained AN' : ARMS[arm];

/** Arms with gates. */
const GATED: ReadonlySet<ArmName> = new Set(['random', 'trained', 'paper', 'magnitude']);

/** Whose parameters the astrocyte of an arm starts from. */
const ASTROCYTES: Partial<Record<ArmName, StagePlan['astrocyte']>> = {
  random: 'fresh',
  trained: 'found',
  paper: 'found',
};

/** Throws ConfigError where an arm lacks what it takes: the narrow one something that it is as small as, the trained one an astrocyte, the paper's a search of its own. */
function checkArms({ phase: phases, arms, astrocyte, weights, recipe }: JobConfig): void {
  const refuse = (field: string, why: ConfigError['named']): never => {
    throw new ConfigError(field, why);
  };
  const narrow = arms.indexOf('narrow');
  if (narrow >= 0 && weights !== undefined)
    refuse(
      'weights',
      (name) => `${name('weights', weights)}: weights fit no narrower network: leave narrow out of ${name('arms')}`,
    );
  if (narrow >= 0 && !arms.slice(0, narrow).some((before) => GATED.has(before)))
    refuse(
      'arms',
      (name) =>
        `the narrow arm is made as small as a regulated arm before it: add one of ${[...GATED].join(', ')} to ${name('arms')}, or take ${name('arms', 'plain')} with a ${name('width')}`,
    );
  if (arms.includes('trained') && !phases.includes('search') && astrocyte === undefined)
    refuse(
      'astrocyte',
      (name) =>
        `the trained arm needs an astrocyte: add the search phase (${name('phase', 'search,guide')}), or give ${name('astrocyte', 'FILE')} from an earlier run`,
    );
  if (arms.includes('paper') && recipe === 'paper')
    refuse(
      'arms',
      (name) =>
        `with ${name('recipe', recipe)} the trained arm is the paper's: leave paper out of ${name('arms')}, or take ${name('recipe', 'astrogpu')}`,
    );
  if (arms.includes('paper') && !phases.includes('search'))
    refuse(
      'arms',
      (name) =>
        `the paper arm takes a search of its own: add the search phase (${name('phase', 'search,guide')}), or leave paper out of ${name('arms')}`,
    );
}

/** The stages of a job in order. Throws ConfigError where an arm lacks what it takes. */
export function planStages(job: JobConfig): StagePlan[] {
  const { phase: phases, arms, T, ...config } = job;
  const plan: StagePlan[] = [];
  // An update of the NN and one of the AN cost 2.3-2.6 plain updates on llvmpipe (node bench/astro.js); T of each for a pair of batches (docs/method.md §4).
  const work = config.searchEpochs * (1 - config.heldOut) * 2.5 * (config.updates === 'each' ? T : 1);
  // Where no arm uses what is found it is the search alone that was asked for.
  const own = (['paper', 'trained'] as const).filter((role) => arms.includes(role));
  const searched = own.length > 0 ? own : (['trained'] as const);
  if (phases.includes('search'))
    for (const role of searched)
      plan.push({ arm: armName(role, job), phase: 'search', role, regulated: true, astrocyte: 'fresh', work });
  if (!phases.includes('guide')) return plan;
  checkArms(job);
  for (const role of arms)
    plan.push({
      arm: armName(role, job),
      phase: 'guide',
      role,
      regulated: GATED.has(role),
      astrocyte: ASTROCYTES[role] ?? 'none',
      narrow: role === 'narrow',
      work: config.epochs,
    });
  return plan;
}

/** The stages of a job whose guide was extended to more epochs in all, once or several times. */
export function planExtended(config: JobConfig, extensions: readonly number[] = []): StagePlan[] {
  const plan = planStages(config);
  const guides = plan.filter(({ phase }) => phase === 'guide');
  let from = config.epochs;
  for (const extendedTo of extensions) {
    const work = extendedTo - from;
    plan.push(...guides.map((guide) => ({ ...guide, extendedTo, work })));
    from = extendedTo;
  }
  return plan;
}

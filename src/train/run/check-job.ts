// What would stop a job in the middle, found out before it begins: by its options alone, and then by its data's shapes and the adapter.
import { checkMaps, checkZeroInit, createAstrocyteNetwork, featuresOf, mostPixels } from '../../astro/index.ts';
import { ConfigError, type Gpu } from '../../gpu/index.ts';
import { checkCut, checkGiven, checkInput, checkRoom, configure, type JobConfig } from '../config.ts';
import type { Given } from '../options/option.ts';
import type { JOB_OPTIONS } from '../options/table.ts';
import { budgetOf } from '../stages/budget.ts';
import { splitForSearch } from '../stages/search.ts';
import { lossOf } from '../stages/updates.ts';
import { gatedArms, layoutOf, loadAstrocyte } from './job-gates.ts';
import { planStages } from './stage-plan.ts';
import { splitForValidation } from './validation.ts';

/** Finds out from the options alone, before anything is opened or read, what no data and no adapter could make right. Throws ConfigError. */
export function checkOptions(given: Given<typeof JOB_OPTIONS>): void {
  checkGiven(given);
  const everything = { train: Number.POSITIVE_INFINITY, test: Number.POSITIVE_INFINITY };
  const config = configure(given, { software: true, available: everything });
  planStages(config);
  // Of a recipe it may come along.
  if (given.searchStructure && !config.phase.includes('search'))
    throw new ConfigError(
      'searchStructure',
      (name) =>
        `${name('searchStructure')}: it cuts the gates of the search, and there is none; leave it out, or add the search (${name('phase', 'search,guide')})`,
    );
  checkZeroInit(config);
  checkCut(config);
  lossOf(config);
}

/**
 * Finds out before anything is trained what a later stage would stumble over: a plan without an astrocyte, layers that are not there, a split
 * with an empty part, an astrocyte's file that does not fit, a precision that the adapter lacks, a loss that is none, a target that is out of reach. `classes` of the data decide the classifier's shape, which an
 * astrocyte `cnn` is made for, and `size`, the side of the images, what layers cost; default the model's own. Throws AstroError, as ConfigError where one setting is to blame.
 */
export function checkJob({
  gpu,
  config,
  classes,
  size,
}: {
  gpu: Gpu;
  config: JobConfig;
  classes?: number;
  size?: number;
}): void {
  const { precision, astrocyte } = config;
  if (precision === 'f16' && !gpu.capabilities.f16)
    throw new ConfigError(
      'precision',
      (name) =>
        `${name('precision', 'f16')}: this adapter has no f16 (feature shader-f16); take ${name('precision', 'f32')}`,
    );
  checkInput(config);
  checkGiven(config);
  checkZeroInit(config);
  checkCut(config);
  checkRoom(config);
  lossOf(config);
  const kinds = gatedArms(config).map((kind) => ({ ...kind, layout: layoutOf(kind.config, classes, size) }));
  for (const { config: own, hasAstrocyte, layout } of kinds) {
    if (hasAstrocyte) {
      checkMaps(layout.maps, mostPixels(gpu));
      createAstrocyteNetwork(own.an, layout.maps, featuresOf(own.input)).check(gpu, layout.maps);
    }
    budgetOf(own, { layout, size });
  }
  const { validation = 0, images, seed } = config;
  const left = validation > 0 ? splitForValidation(images, validation, seed).train.length : images;
  if (config.phase.includes('search')) splitForSearch(left, config.heldOut, seed);
  // Only the job's own arms take one: the paper's has a search of its own.
  if (astrocyte !== undefined && kinds.length > 0) loadAstrocyte(gpu, config, kinds[0].layout, astrocyte).release();
}

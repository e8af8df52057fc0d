// What can be said of a job before it begins, wherever it runs: of its options alone, and of its gates on an adapter. Nothing of a folder in it, so that a page has it, too.
import {
  checkMaps,
  checkZeroInit,
  createAstrocyteNetwork,
  featuresOf,
  type GateLayout,
  mostPixels,
} from '../../astro/index.ts';
import { ConfigError, type Gpu } from '../../gpu/index.ts';
import { checkCut, checkGiven, checkInput, checkRoom, configure, type JobConfig } from '../config.ts';
import type { Given } from '../options/option.ts';
import type { JOB_OPTIONS } from '../options/table.ts';
import { budgetOf } from '../stages/budget.ts';
import { lossOf } from '../stages/updates.ts';
import { planStages } from './stage-plan.ts';

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

/** Finds out what of a whole configuration contradicts itself or is more than there is room for. Throws ConfigError. */
export function checkConfig(config: JobConfig): void {
  checkInput(config);
  checkGiven(config);
  checkZeroInit(config);
  checkCut(config);
  checkRoom(config);
  lossOf(config);
}

/** Finds out whether an adapter can have gates that an astrocyte makes, or weights alone, and whether what is to stay of them is within reach. `size` is the side of the images. Throws AstroError, as ConfigError where one setting is to blame. */
export function checkGates(
  gpu: Gpu,
  config: JobConfig,
  { layout, hasAstrocyte, size }: { layout: GateLayout; hasAstrocyte: boolean; size?: number },
): void {
  if (hasAstrocyte) {
    checkMaps(layout.maps, mostPixels(gpu));
    createAstrocyteNetwork(config.an, layout.maps, featuresOf(config.input)).check(gpu, layout.maps);
  }
  budgetOf(config, { layout, size });
}

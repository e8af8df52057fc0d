// What would stop a job in the middle, found out before it begins: by its configuration, its data's shapes and the adapter. What options alone say is check-options.ts's.
import { ConfigError, type Gpu } from '../../gpu/index.ts';
import type { JobConfig } from '../config.ts';
import { splitForSearch } from '../stages/search.ts';
import { checkConfig, checkGates } from './check-options.ts';
import { gatedArms, layoutOf, loadAstrocyte } from './job-gates.ts';
import { splitForValidation } from './validation.ts';

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
  checkConfig(config);
  const kinds = gatedArms(config).map((kind) => ({ ...kind, layout: layoutOf(kind.config, classes, size) }));
  for (const { config: own, hasAstrocyte, layout } of kinds) checkGates(gpu, own, { layout, hasAstrocyte, size });
  const { validation = 0, images, seed } = config;
  const left = validation > 0 ? splitForValidation(images, validation, seed).train.length : images;
  if (config.phase.includes('search')) splitForSearch(left, config.heldOut, seed);
  // Only the job's own arms take one: the paper's has a search of its own.
  if (astrocyte !== undefined && kinds.length > 0) loadAstrocyte(gpu, config, kinds[0].layout, astrocyte).release();
}

// Which locations stand for the objects of an image where each costs much, as a mask does: the best of each object. The host never learns how many there are, so their number is
// fixed, and what is left over names no location.
import { grid1d, needArguments, params } from '../../gpu/index.ts';
import { empty, needDType, needFloats, needSizes, recordAll, type Tensor, TensorError } from '../../tensor/index.ts';
import { NO_INDEX } from '../packed/permute-scatter.ts';
import type { FcosTargets } from './fcos-targets.ts';
import { needShape } from './levels.ts';

/** K chosen locations of each of N images. */
export interface Instances {
  /** u32 [N, K]: the location's number; NO_INDEX where there is none. */
  locations: Tensor;
  /** u32 [N, K]: which object of its image it stands for; NO_INDEX where there is none. */
  objects: Tensor;
}

/**
 * At most `perImage` locations of each image, K, spread over the objects that targets give to some: ⌊K / number of these⌋ for each, at least one, and where there are more objects
 * than K the K best. Best is the highest σ(largest logit) · σ(centerness), of equal ones the lowest location, for logits f32 or f16 [N, L, C] and centerness f32 or f16 [N, L]. The best of
 * all objects stand first, best first, then their second best, and so on. Constants. Throws TensorError.
 */
export function selectInstances(
  targets: Pick<FcosTargets, 'objects'>,
  logits: Tensor,
  centerness: Tensor,
  { perImage = 64 }: { perImage?: number } = {},
): Instances {
  needArguments('selectInstances', 'an object', { targets });
  const { objects: given } = targets;
  needFloats('selectInstances', logits);
  needFloats('selectInstances', centerness);
  needDType('selectInstances', 'u32', given);
  needSizes('selectInstances', { perImage });
  if (logits.shape.length !== 3)
    throw new TensorError(`selectInstances: ${logits.label} [${logits.shape.join('×')}] must be logits [N×L×C]`);
  const [images, locations, columns] = logits.shape;
  needShape('selectInstances', centerness, [images, locations], 'centerness [N×L]');
  needShape('selectInstances', given, [images, locations], 'objects [N×L]');
  const { gpu } = logits;
  const counts = empty(gpu, [images], 'numbers of locations with an object', 'u32');
  const list = empty(gpu, [images, locations, 3], 'locations with an object', 'u32');
  const ranks = empty(gpu, [images, locations], 'ranks of locations', 'u32');
  const chosen = {
    locations: empty(gpu, [images, perImage], 'chosen locations', 'u32'),
    objects: empty(gpu, [images, perImage], 'objects of chosen locations', 'u32'),
  };
  const results = [chosen.locations, chosen.objects];
  gpu.fill(counts.slice, 0);
  for (const { slice } of results) gpu.fill(slice, NO_INDEX);
  gpu.run({
    shader: 'detection/instance_list',
    types: { Logit: logits.dtype, Center: centerness.dtype },
    bindings: [logits, centerness, given, counts, list].map(({ slice }) => slice),
    params: params(images, locations, columns),
    grid: grid1d(Math.ceil((images * locations) / 64)),
    cost: { flops: 0, bytes: given.bytes },
    label: 'selectInstances/list',
  });
  for (const entry of ['rank', 'choose'])
    gpu.run({
      shader: 'detection/instance_order',
      entry,
      bindings: [counts, list, ranks, ...results].map(({ slice }) => slice),
      params: params(locations, perImage),
      grid: [Math.ceil(locations / 64), images],
      cost: { flops: 0, bytes: counts.bytes },
      label: `selectInstances/${entry}`,
    });
  for (const temporary of [counts, list, ranks]) temporary.release();
  recordAll('selectInstances', results, [], () => {});
  return chosen;
}

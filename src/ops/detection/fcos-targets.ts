// What each location of a pyramid is to find (FCOS, Tian et al. 2019): a class, the sides of a box, and whose box that is.
import { f32, grid1d, needArguments, params } from '../../gpu/index.ts';
import { empty, needDType, needScalars, needSizes, recordAll, type Tensor, TensorError } from '../../tensor/index.ts';
import { checkLevels, type FcosLevel, levelWords, locationsOf, needShape } from './levels.ts';

/** What fcosTargets() takes. */
export interface FcosTargetsOptions {
  levels: readonly FcosLevel[];
  /** How many classes there are, C. */
  classCount: number;
  /** In strides: how far from the center of a box its locations may lie. Default 1.5. */
  radius?: number;
  /**
   * f32 or u32 [N, 2]: height and width of each image within its padding. Locations beyond are labeled NO_INDEX and count nowhere, where FCOS's authors let them count as
   * locations without an object. Default: all count.
   */
  extents?: Tensor;
}

/** What the L locations of N images are to find. */
export interface FcosTargets {
  /** u32 [N, L]: a class, or C where there is no object, or NO_INDEX where nothing counts. */
  labels: Tensor;
  /** f32 [N, L, 4]: from the location to the left, top, right and bottom of the box, in strides; 0 where there is none. */
  regression: Tensor;
  /** u32 [N, L]: which object of its image; NO_INDEX where there is none. */
  objects: Tensor;
}

/**
 * What each location is to find, for boxes f32 [N, M, 4] (x0, y0, x1, y1 in pixels) and their classes u32 [N, M]: of the objects whose box has it inside, no
 * farther than `radius` strides from the box's center, and whose farthest side is as far as its level answers for, that of the smallest area, of equal ones the first. A class of C
 * or more, as NO_INDEX, is no object. Constants. Throws TensorError.
 */
export function fcosTargets(boxes: Tensor, classes: Tensor, options: FcosTargetsOptions): FcosTargets {
  needDType('fcosTargets', 'f32', boxes);
  needDType('fcosTargets', 'u32', classes);
  needArguments('fcosTargets', 'an object', { options });
  const { classCount, radius = 1.5, extents } = options;
  const levels = checkLevels('fcosTargets', options.levels);
  needSizes('fcosTargets', { classCount });
  needScalars('fcosTargets', { radius });
  if (classes.shape.length !== 2)
    throw new TensorError(`fcosTargets: ${classes.label} [${classes.shape.join('×')}] must be classes [N×M]`);
  const [images, objects] = classes.shape;
  needShape('fcosTargets', boxes, [images, objects, 4], 'boxes [N×M×4]');
  if (extents) {
    if (extents.dtype !== 'u32') needDType('fcosTargets', 'f32', extents);
    needShape('fcosTargets', extents, [images, 2], 'extents [N×2]');
  }
  const { gpu } = boxes;
  const locations = locationsOf(levels);
  const targets = {
    labels: empty(gpu, [images, locations], 'labels', 'u32'),
    regression: empty(gpu, [images, locations, 4], 'regression targets'),
    objects: empty(gpu, [images, locations], 'objects', 'u32'),
  };
  const results = [targets.labels, targets.regression, targets.objects];
  gpu.run({
    shader: 'detection/fcos_targets',
    constants: { LEVELS: levels.length, EXTENTS: extents !== undefined },
    types: { Extent: extents?.dtype ?? 'f32' },
    bindings: [boxes, classes, extents ?? boxes, ...results].map(({ slice }) => slice),
    params: params(images, locations, objects, classCount, f32(radius), 0, 0, 0, ...levelWords(levels)),
    grid: grid1d(Math.ceil((images * locations) / 64)),
    cost: { flops: 20 * images * locations * objects, bytes: results.reduce((sum, { bytes }) => sum + bytes, 0) },
    label: 'fcosTargets',
  });
  recordAll('fcosTargets', results, [], () => {});
  return targets;
}

// Where chosen locations lie, and for objects of which size: what a mask's coordinates are relative to (CondInst, Tian et al. 2020).
import { grid1d, params } from '../../gpu/index.ts';
import { empty, needDType, recordAll, type Tensor } from '../../tensor/index.ts';
import { checkLevels, type FcosLevel, levelWords, locationsOf } from './levels.ts';

/** Of locations [...]. */
export interface InstancePlaces {
  /** f32 [..., 2]: x and y in pixels; 0 for a location that is none. */
  centers: Tensor;
  /** f32 [...]: up to which size its level answers for objects, in pixels, of a level without end twice from which; 0 for a location that is none, of which dynamicMaskHead() makes no mask. */
  sizes: Tensor;
}

/** Where in the image the locations u32 [...] of these levels lie, and the size of objects there; NO_INDEX is none. Constants. Throws TensorError. */
export function instancePlaces(locations: Tensor, levels: readonly FcosLevel[]): InstancePlaces {
  needDType('instancePlaces', 'u32', locations);
  checkLevels('instancePlaces', levels);
  const { gpu, shape, size } = locations;
  const places = { centers: empty(gpu, [...shape, 2], 'places'), sizes: empty(gpu, shape, 'sizes of places') };
  const results = [places.centers, places.sizes];
  gpu.run({
    shader: 'detection/instance_places',
    constants: { LEVELS: levels.length },
    bindings: [locations, ...results].map(({ slice }) => slice),
    params: params(size, locationsOf(levels), 0, 0, ...levelWords(levels)),
    grid: grid1d(Math.ceil(size / 64)),
    cost: { flops: 8 * size, bytes: 16 * size },
    label: 'instancePlaces',
  });
  recordAll('instancePlaces', results, [], () => {});
  return places;
}

// The one form in which every data set enters the engine: raw bytes in NHWC order, so that a set goes to the GPU in one copy.
import { needArguments } from '../../gpu/index.ts';
import { permutation } from '../../tensor/index.ts';
import { ImageRangeError } from '../errors.ts';

/** Class indices: bytes, or two bytes each where there are more than 256 classes. */
export type Labels = Uint8Array | Uint16Array;

/** The widest labels hold this many classes. */
export const MOST_CLASSES = 65_536;

/** Labels of `count` images in as many bytes as `classes` classes need: one up to 256, else two. */
export function makeLabels(count: number, classes: number): Labels {
  return classes > 256 ? new Uint16Array(count) : new Uint8Array(count);
}

/** Of pixel values in [0, 1], for each channel. */
export interface ChannelStats {
  mean: readonly number[];
  std: readonly number[];
}

/** How a folder's images were parted into those that were trained on and those that were held out, and by what the folder is known again. */
export interface HeldOutRule {
  /** Held out is a file whose path below the class folders gives a number under it; 0 where the test images had a folder of their own. */
  share: number;
  seed: number;
  /** Paths on the other side than that. */
  exceptions: readonly string[];
  /** Some files that were trained on, by path, with the first 16 digits of SHA-256 of their bytes. */
  known: Readonly<Record<string, string>>;
}

/** Images of one size with one label each. */
export interface ImageSet {
  name: string;
  /** u8, count × height × width × channels (NHWC). */
  images: Uint8Array;
  /** One class index per image. */
  labels: Labels;
  count: number;
  height: number;
  width: number;
  channels: number;
  /** Names of the classes, by label. */
  classes: readonly string[];
  /** How its images are normalized; default as CIFAR-10. */
  normalization?: ChannelStats;
  /** For images of a folder that are trained on: which others of it were set apart. */
  heldOut?: HeldOutRule;
}

/**
 * A set of some images of another: the first `which` of them, or those at the listed positions, in that order.
 * The bytes are copied. Throws ImageRangeError when the set does not hold an image asked for.
 */
export function takeImages(set: ImageSet, which: number | ArrayLike<number>): ImageSet {
  needArguments('takeImages', 'a list', { 'set.images': set?.images, 'set.labels': set?.labels });
  if (typeof which !== 'number') needArguments('takeImages', 'a list', { which });
  const size = set.height * set.width * set.channels;
  if (typeof which === 'number') {
    if (!Number.isInteger(which) || which < 0 || which > set.count) {
      throw new ImageRangeError(`cannot take the first ${which} images of ${set.name}: it holds ${set.count}`);
    }
    return { ...set, count: which, images: set.images.slice(0, which * size), labels: set.labels.slice(0, which) };
  }
  const images = new Uint8Array(which.length * size);
  const labels = makeLabels(which.length, set.labels.BYTES_PER_ELEMENT > 1 ? MOST_CLASSES : 256);
  for (let i = 0; i < which.length; i++) {
    const at = which[i]!;
    if (!Number.isInteger(at) || at < 0 || at >= set.count) {
      throw new ImageRangeError(
        `image ${at} (entry ${i} of the selection) is not in ${set.name}: it holds ${set.count}`,
      );
    }
    images.set(set.images.subarray(at * size, (at + 1) * size), i * size);
    labels[i] = set.labels[at]!;
  }
  return { ...set, count: which.length, images, labels };
}

/** The stream of random numbers that chooses a part of a set. */
const CHOICE_STREAM = 0x9a47;

/**
 * Positions of `most` of a set's `count` images, drawn by `seed` without repetition, in order; all where there are not more. The first ones of a set are no
 * sample of it: folders have their images class by class.
 */
export const anyOf = (count: number, most: number, seed: number): Uint32Array =>
  permutation(count, seed, CHOICE_STREAM).subarray(0, most).sort();

// The images that Grad-CAM figures show: test images, or pictures of COCO with objects of CIFAR-10's classes, whose outlines say where the object is.

import { say, UsageError } from 'astrogpu/cli';
import {
  type CocoObject,
  cifar10Classes,
  cocoNotes,
  decodeImage,
  ImageDecodeError,
  type ImageSet,
  loadCoco,
  rasterizeMask,
  takeImages,
} from 'astrogpu/data';
import { permutation } from 'astrogpu/tensor';

/** A row of the figure each. */
const MOST = 6;
/** The stream of random numbers that draws them. */
const PICTURES_STREAM = 0x91c7;

export interface Pictures {
  /** With the labels that the maps explain. */
  set: ImageSet;
  /** One byte a pixel for each image, not 0 on objects of its class; absent where nobody knows. */
  masks?: Uint8Array[];
  /** One line for reports. */
  source: string;
}

/** Images of as many classes, drawn by `seed`. */
export function distinct(set: ImageSet, seed: number): Pictures {
  const seen = new Set<number>();
  const which: number[] = [];
  for (const i of permutation(set.count, seed, PICTURES_STREAM)) {
    if (which.length === MOST) break;
    if (seen.has(set.labels[i])) continue;
    seen.add(set.labels[i]);
    which.push(i);
  }
  return { set: takeImages(set, which), source: `test images of different classes, drawn by seed ${seed}` };
}

/** COCO's names for CIFAR-10's classes; it has neither deer nor frogs. */
const IN_COCO: Record<string, string> = {
  airplane: 'airplane',
  car: 'automobile',
  bird: 'bird',
  cat: 'cat',
  dog: 'dog',
  horse: 'horse',
  boat: 'ship',
  truck: 'truck',
};
/** Objects smaller than this part of the image are a few pixels of 32×32; larger than the most, there is no outside. */
const LEAST = 0.08;
const LARGEST = 0.8;

/**
 * For each class that COCO has the picture of the folder with most of it, cut and resized to the network's size; pictures of another size than the list gives
 * are passed over. Throws UsageError for other classes than CIFAR-10's and where no picture fits; CocoFormatError and DataNotFoundError as loadCoco does. Pictures that cannot be decoded are left out and told.
 */
export async function cocoPictures(dir: string, like: ImageSet): Promise<Pictures> {
  if (like.classes.join() !== cifar10Classes.join())
    throw new UsageError("--coco: the networks must know CIFAR-10's classes (--data DIR, not the stand-in)");
  const coco = await loadCoco(dir);
  for (const line of cocoNotes(coco)) say(`${dir}: ${line}`);
  const best = new Map<string, { part: number; mask: Uint8Array; pixels: Uint8Array }>();
  for (const { file, width, height, objects } of coco.images) {
    const nameOf = ({ category }: CocoObject): string => coco.categories[category].name;
    const names = new Set(objects.filter((object) => IN_COCO[nameOf(object)] && !object.crowd).map(nameOf));
    if (names.size === 0) continue;
    const decoded = await decodeImage(file, like.height).catch((error) => {
      if (!(error instanceof ImageDecodeError)) throw error;
      return say(`${error.message}; left out`);
    });
    if (!decoded) continue;
    const { pixels, frame } = decoded;
    // Resized, or turned since its outlines were drawn: they would lie elsewhere.
    if (frame.source.width !== width || frame.source.height !== height) continue;
    for (const name of names) {
      const mask = new Uint8Array(like.height * like.width);
      for (const object of objects)
        if (object.mask && nameOf(object) === name)
          for (const [at, inside] of rasterizeMask(object.mask, frame).entries()) mask[at] |= inside;
      const part = mask.reduce((sum, inside) => sum + inside, 0) / mask.length;
      if (part >= LEAST && part <= LARGEST && part > (best.get(name)?.part ?? 0))
        best.set(name, { part, mask, pixels });
    }
  }
  const shown = [...best].slice(0, MOST);
  if (shown.length === 0)
    throw new UsageError(
      `--coco ${dir}: no picture of the size that instances.json gives has an object of CIFAR-10's classes that is large enough`,
    );
  const pixels = new Uint8Array(shown.length * like.height * like.width * 3);
  for (const [i, [, picture]] of shown.entries()) pixels.set(picture.pixels, i * picture.pixels.length);
  const labels = Uint8Array.from(shown, ([name]) => like.classes.indexOf(IN_COCO[name]));
  return {
    set: { ...like, name: 'COCO', images: pixels, labels, count: shown.length },
    masks: shown.map(([, { mask }]) => mask),
    source: `${coco.images.length} pictures of COCO; of them for each class the one with most of it, at ${like.width}×${like.height}; the networks have never seen such pictures`,
  };
}

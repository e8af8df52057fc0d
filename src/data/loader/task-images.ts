// The images of a task before they meet a GPU: in the CPU's memory, or on a disk that they are read from as they are needed. What chooses among images takes both.
import type { Gpu } from '../../gpu/index.ts';
import { ImageDecodeError } from '../errors.ts';
import { anyOf, type ImageSet, makeLabels, takeImages } from '../image/image-set.ts';
import type { ImageSource } from '../sources/image-source.ts';
import { decodeForEvaluation } from '../transform/decode-planned.ts';
import { DeviceData } from './device-data.ts';
import { DiskImages, type DiskImagesOptions } from './disk-images.ts';
import type { ImageFeed } from './image-feed.ts';

/** A set of images on a disk. */
export interface DiskSet extends DiskImagesOptions {
  name: string;
  source: ImageSource;
  /** The images, by their numbers in the source. Default all. */
  items?: Uint32Array;
  count: number;
  height: number;
  width: number;
  /** Names of the classes, by label. */
  classes: readonly string[];
}

/** Images to train on, or to test with. */
export type TaskImages = ImageSet | DiskSet;

/** Do they lie on a disk? */
export const isOnDisk = (images: TaskImages): images is DiskSet => 'source' in images;

/** All images of a source as a set of images of size × size. */
export function diskSet(
  name: string,
  source: ImageSource,
  classes: readonly string[],
  options: DiskImagesOptions,
): DiskSet {
  const { size } = options.training;
  return { ...options, name, source, classes, count: source.count, height: size, width: size };
}

/** The images as a device has them: uploaded, or read as batches are asked for. release() it. Throws as DeviceData does. */
export function openImages(gpu: Gpu, images: TaskImages): ImageFeed {
  return isOnDisk(images) ? new DiskImages(gpu, images.source, images, images.items) : new DeviceData(gpu, images);
}

/** Those at some positions, in that order, as a set of their own. Throws ImageRangeError where a set in memory does not have one. */
export function chosenImages<T extends TaskImages>(images: T, positions: Uint32Array): T {
  if (!isOnDisk(images)) return takeImages(images, positions) as T;
  const items = new Uint32Array(new SharedArrayBuffer(4 * positions.length));
  for (const [i, at] of positions.entries()) items[i] = images.items?.[at] ?? at;
  return { ...images, items, count: items.length };
}

/** `most` of a set's images, drawn by `seed`; the set itself where it has no more. */
export const sampleImages = <T extends TaskImages>(images: T, most: number, seed: number): T =>
  most < images.count ? chosenImages(images, anyOf(images.count, most, seed)) : images;

/** An image as it is evaluated, and its label. */
export interface Picture {
  /** u8 height × width × channels. */
  pixels: Uint8Array;
  label: number;
}

/** One image of a set. Throws ImageDecodeError and ImageSourceError for one on a disk that cannot be had. */
export async function pictureOf(images: TaskImages, at: number): Promise<Picture> {
  if (isOnDisk(images)) {
    const { source, evaluation, items, decoder } = images;
    const item = items?.[at] ?? at;
    const file = { name: source.nameOf(item), bytes: source.read(item), decoder };
    return { pixels: await decodeForEvaluation(file, evaluation), label: source.label(item) };
  }
  const { images: bytes, labels, height, width, channels } = images;
  const size = height * width * channels;
  return { pixels: bytes.subarray(at * size, (at + 1) * size), label: labels[at] };
}

/** The first images of a set, as they are evaluated, in memory; those on a disk that cannot be decoded are passed over. Throws that of the last one where none can. */
export async function firstImages(images: TaskImages, count: number): Promise<ImageSet> {
  if (!isOnDisk(images)) return takeImages(images, count);
  const { name, height, width, classes } = images;
  const bytes = height * width * 3;
  const set = { images: new Uint8Array(count * bytes), labels: makeLabels(count, classes.length) };
  let taken = 0;
  for (let at = 0; at < images.count && taken < count; at++) {
    try {
      const { pixels, label } = await pictureOf(images, at);
      set.images.set(pixels, taken * bytes);
      set.labels[taken++] = label;
    } catch (error) {
      if (!(error instanceof ImageDecodeError) || (taken === 0 && at + 1 === images.count)) throw error;
    }
  }
  const own = { images: set.images.subarray(0, taken * bytes), labels: set.labels.subarray(0, taken) };
  return { ...own, name, count: taken, height, width, channels: 3, classes };
}

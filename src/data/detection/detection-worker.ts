// A thread that makes places of batches of pictures with objects: decoded whole, resized by Pillow's bits, mirrored, and put at the top left of their place, the rest of which is
// black.

import { ImageDecodeError } from '../errors.ts';
import { makePlaces } from '../loader/worker-loop.ts';
import { readRgb } from '../transform/read-rgb.ts';
import { resample } from '../transform/resample.ts';
import { DetectionPlaces, type DetectionPlan } from './detection-places.ts';

await makePlaces((plan: DetectionPlan) => {
  const places = new DetectionPlaces(plan);
  return {
    find(draw, at) {
      const { items, epochs, padded } = places.batch(draw);
      return { item: items[at], epoch: epochs[at], padded };
    },
    replacement: ({ item, epoch }, attempt) => places.replacement(item, epoch, attempt),
    async make(item, file, { epoch, padded }, pixels, at) {
      const image = await readRgb(file);
      const own = places.own(item);
      if (image.width !== own.width || image.height !== own.height)
        throw new ImageDecodeError(
          file.name,
          `is ${image.width}×${image.height} pixels, where its annotations have ${own.width}×${own.height}`,
        );
      const { width, height, flipped } = places.place(item, epoch, padded);
      const box = { left: 0, top: 0, ...own };
      const resized = resample(image, { box, width, height, interpolation: 'bilinear', flip: flipped });
      const stride = padded.width * 3;
      const into = pixels.subarray(at * padded.height * stride, (at + 1) * padded.height * stride);
      for (let row = 0; row < height; row++) {
        into.set(resized.subarray(row * width * 3, (row + 1) * width * 3), row * stride);
        into.fill(0, row * stride + width * 3, (row + 1) * stride);
      }
      into.fill(0, height * stride);
    },
  };
});

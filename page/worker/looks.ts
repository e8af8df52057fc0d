// What a network makes of test images: its logits, and where it looked for a class.
import type { NetworkGates } from 'astrogpu/astro';
import { type ChannelStats, DeviceData, type ImageSet, takeImages } from 'astrogpu/data';
import { gradCam, upsample } from 'astrogpu/explain';
import { AstroError, type Gpu } from 'astrogpu/gpu';
import type { Network } from 'astrogpu/models';
import { EVAL } from 'astrogpu/nn';
import { noGrad, scope, type Tensor } from 'astrogpu/tensor';
import type { Calls, Explanations } from '../protocol.ts';
import { picturesOf } from './images.ts';

/** A network to look at, under the gates that it has. */
export interface Subject {
  network: Network;
  regulator?: NetworkGates;
  /** Of the images that it takes. */
  normalization: ChannelStats;
}

const MOST_IMAGES = 64;

/** Grad-CAM of some test images. Throws AstroError for images and classes that are not there, and for a network whose logits are no numbers. */
export async function explain(
  gpu: Gpu,
  { network, regulator, normalization }: Subject,
  tests: ImageSet,
  { arm, images, class: asked }: Calls['explain'][0],
): Promise<Explanations> {
  const chosen = chosenOf(tests, images);
  const { height, width, classes } = tests;
  if (asked !== undefined && !(Number.isInteger(asked) && asked >= 0 && asked < classes.length))
    throw new AstroError(`class ${asked}: there are ${classes.length} classes, 0 to ${classes.length - 1}`);
  const found = await onImages(gpu, chosen, normalization, (x) =>
    gradCam(network, x, {
      ...(asked !== undefined && { classes: images.map(() => asked) }),
      ...(regulator && { under: (fn) => regulator.gated(fn) }),
    }),
  );
  if (!found.logits.every(Number.isFinite))
    throw new AstroError(
      `what this network says of these images is no number, so it looks nowhere: ${arm === 'loaded' ? 'load another one' : 'train again, at a lower learning rate'}`,
    );
  const heat = new Uint8Array(images.length * height * width);
  for (const [i, map] of found.maps.entries()) {
    const large = upsample(map, found, { height, width });
    const most = large.reduce((a, b) => Math.max(a, b), 0);
    heat.set(
      large.map((value) => (most > 0 ? Math.round((255 * value) / most) : 0)),
      i * height * width,
    );
  }
  return {
    arm,
    layer: found.layer,
    images: images.map((image, i) => {
      const logits = found.logits.subarray(i * classes.length, (i + 1) * classes.length);
      const predicted = logits.indexOf(logits.reduce((a, b) => Math.max(a, b)));
      const probability = 1 / logits.reduce((sum, logit) => sum + Math.exp(logit - logits[predicted]), 0);
      return { image, label: tests.labels[image], predicted, probability, explained: found.classes[i] };
    }),
    pictures: picturesOf(tests, images),
    heat,
  };
}

/** Logits of some test images. Throws AstroError for images that are not there. */
export async function predict(
  gpu: Gpu,
  { network, regulator, normalization }: Subject,
  tests: ImageSet,
  images: readonly number[],
): Promise<Calls['predict'][1]> {
  const chosen = chosenOf(tests, images);
  const logits = await onImages(gpu, chosen, normalization, async (x) => {
    const forward = (): Tensor => network.forward(x, EVAL);
    const made = noGrad(() => scope(() => (regulator ? regulator.gated(forward) : forward())));
    return made.floats().finally(() => made.release());
  });
  return { logits, classes: [...tests.classes] };
}

function chosenOf(tests: ImageSet, images: readonly number[]): ImageSet {
  if (!Array.isArray(images) || images.length === 0 || images.length > MOST_IMAGES)
    throw new AstroError(`images: takes 1 to ${MOST_IMAGES} of the test images`);
  const strange = images.find((image) => !(Number.isInteger(image) && image >= 0 && image < tests.count));
  if (strange !== undefined) throw new AstroError(`image ${strange}: there are ${tests.count} test images, from 0`);
  return takeImages(tests, images);
}

/** Does `work` with images as a network takes them. */
async function onImages<T>(
  gpu: Gpu,
  set: ImageSet,
  normalization: ChannelStats,
  work: (x: Tensor) => Promise<T>,
): Promise<T> {
  const data = new DeviceData(gpu, set, normalization);
  const stream = data.batches({ batch: set.count, seed: 0 });
  try {
    await stream.seek(0);
    stream.next();
    return await work(stream.x);
  } finally {
    stream.release();
    data.release();
  }
}

// The masks of detections at the size of their picture. Many of them, or large ones, are made a few at a time: memory does not grow with either.
import { halving } from '../../gpu/index.ts';
import { alignedBilinear, dynamicMaskHead, gather, pasteMasks, reshape, sigmoid, slice } from '../../ops/index.ts';
import { keep, noGrad, scope, type Tensor, tensor } from '../../tensor/index.ts';
import type { BoxInstOutputs } from '../model/box-inst.ts';
import { type Candidate, placeOf } from './candidates.ts';
import { runsOfBits } from './runs.ts';

/** Pixels for a cell of the features that masks are made of. */
const STRIDE = 8;
/** Enlargement of what the mask head gives, before the sigmoid. */
const FINER = 2;
/** Of bits, at a time: a hundred masks of twelve million pixels would be 150 MB. */
const BYTES = 2 ** 26;

/** Where an image lies in its batch, and how large its picture is. */
export interface ImageExtent {
  /** Rows and columns that count; the rest of the padded image is padding. */
  height: number;
  width: number;
  /** The sides of the picture itself, in which detections are told. */
  own: { height: number; width: number };
}

/** The run lengths of each candidate's mask, in the size of the picture: see pasteMasks(). `image` is its place in the batch. Throws OutOfMemoryError where not even one fits. */
export async function masksOf(
  outputs: Pick<BoxInstOutputs, 'controllers' | 'maskFeatures'>,
  image: number,
  extent: ImageExtent,
  candidates: readonly Candidate[],
  threshold: number,
  bytesAtOnce = BYTES,
): Promise<number[][]> {
  const { height, width } = extent.own;
  const bytes = 4 * width * Math.ceil(height / 32);
  const most = Math.max(1, Math.floor(bytesAtOnce / bytes));
  const masks: number[][] = [];
  while (masks.length < candidates.length) {
    const from = masks.length;
    const more = await halving(Math.min(most, candidates.length - from), async (count) => {
      const bits = pasted(outputs, image, extent, candidates.slice(from, from + count), threshold);
      const words = (await bits.data()) as Uint32Array;
      bits.release();
      return Array.from({ length: count }, (_, i) =>
        runsOfBits(words.subarray((i * bytes) / 4, ((i + 1) * bytes) / 4), height, width),
      );
    });
    masks.push(...more);
  }
  return masks;
}

/** Bits of the masks, u32 [K, width, ⌈height / 32⌉]. */
function pasted(
  { controllers, maskFeatures }: Pick<BoxInstOutputs, 'controllers' | 'maskFeatures'>,
  image: number,
  { height, width, own }: ImageExtent,
  candidates: readonly Candidate[],
  threshold: number,
): Tensor {
  return noGrad(() =>
    scope(() => {
      const { gpu } = maskFeatures;
      const [, locations, parameters] = controllers.shape;
      const [, h, w, channels] = maskFeatures.shape;
      const count = candidates.length;
      const rows = Uint32Array.from(candidates, ({ location }) => image * locations + location);
      const chosen = gather(reshape(controllers, [-1, parameters]), tensor(gpu, rows));
      const centers = candidates.flatMap(({ location, level }) => placeOf(location, level));
      const sizes = candidates.map(({ level }) => level.size);
      const logits = dynamicMaskHead(
        slice(maskFeatures, [image, 0, 0, 0], [1, h, w, channels]),
        reshape(chosen, [1, count, parameters]),
        tensor(gpu, Float32Array.from(centers), [1, count, 2]),
        tensor(gpu, Float32Array.from(sizes), [1, count]),
        { stride: STRIDE },
      );
      const finer = alignedBilinear(reshape(logits, [count, h, w, 1]), FINER);
      return keep(
        pasteMasks(reshape(sigmoid(finer), [count, h * FINER, w * FINER]), {
          factor: STRIDE / FINER,
          extent: [height, width],
          size: [own.height, own.width],
          threshold,
        }),
      );
    }),
  );
}

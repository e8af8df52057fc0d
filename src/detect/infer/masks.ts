// The masks of detections at the size of their picture. Many of them, or large ones, are made a few at a time: memory does not grow with either.
import { halving } from '../../gpu/index.ts';
import { gather, instancePlaces, pasteMasks, reshape, sigmoid, slice } from '../../ops/index.ts';
import { keep, noGrad, scope, type Tensor, tensor } from '../../tensor/index.ts';
import type { BoxInstOutputs } from '../model/box-inst.ts';
import { instanceMasks, MASK_STRIDE } from '../model/instance-masks.ts';
import type { Candidate } from './candidates.ts';
import { runsOfBits } from './runs.ts';

/** Of bits, at a time: a hundred masks of twelve million pixels would be 150 MB. */
const BYTES = 2 ** 26;

/** What masks are made of. */
type MaskOutputs = Pick<BoxInstOutputs, 'controllers' | 'maskFeatures' | 'levels'>;

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
  outputs: MaskOutputs,
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
  { controllers, maskFeatures, levels }: MaskOutputs,
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
      const places = Uint32Array.from(candidates, ({ location }) => location);
      const rows = places.map((location) => image * locations + location);
      const logits = instanceMasks(
        slice(maskFeatures, [image, 0, 0, 0], [1, h, w, channels]),
        reshape(gather(reshape(controllers, [-1, parameters]), tensor(gpu, rows)), [1, count, parameters]),
        instancePlaces(tensor(gpu, places, [1, count]), levels),
      );
      return keep(
        pasteMasks(reshape(sigmoid(logits), logits.shape.slice(1)), {
          factor: MASK_STRIDE,
          extent: [height, width],
          size: [own.height, own.width],
          threshold,
        }),
      );
    }),
  );
}

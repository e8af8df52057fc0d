// Masks as a network gives them, a number for each cell of a coarse grid, as bits of a picture: enlarged, cut and resized in one go. So what is read back is a 32nd of the
// pixels, and nothing of their size lies in between.
import { needArguments } from '../../gpu/index.ts';
import {
  empty,
  needDType,
  needScalars,
  needSizes,
  record,
  shapeText,
  type Tensor,
  TensorError,
} from '../../tensor/index.ts';
import { pasteInto } from './kernels/paste-masks.ts';

/** How a mask's cells lie on a picture. Sides are [height, width]. */
export interface MaskPlacement {
  /** Pixels along each side of the padded image for a cell. */
  factor: number;
  /** The part of the padded image, from its top left corner, that the picture fills. */
  extent: readonly [number, number];
  /** The picture's own sides. */
  size: readonly [number, number];
  /** What is above it is inside. Default 0.5. */
  threshold?: number;
}

/**
 * Where masks x f32 [K, h, w] are above a threshold once they are enlarged (`alignedBilinear`, `factor` times), cut to `extent` and resized to `size` (bilinear, corners not
 * aligned), as BoxInst's and CondInst's postprocessing does it: u32 [K, width, ⌈height / 32⌉], a bit a pixel, column by column as COCO's run lengths go; row y is bit y mod 32 of
 * word ⌊y / 32⌋, bits behind the last row are 0. No gradient goes through. Throws TensorError.
 */
export function pasteMasks(x: Tensor, placement: MaskPlacement): Tensor {
  needDType('pasteMasks', 'f32', x);
  needArguments('pasteMasks', 'an object', { placement });
  const { factor, extent, size, threshold = 0.5 } = placement;
  needArguments('pasteMasks', 'a list', { extent, size });
  if (x.shape.length !== 3) throw new TensorError(`pasteMasks: ${x.label} ${shapeText(x.shape)} must be [K×h×w]`);
  const [count, ...cells] = x.shape;
  needSizes('pasteMasks', { factor, height: size[0], width: size[1] });
  needSizes('pasteMasks', { 'the height of the extent': extent[0], 'the width of the extent': extent[1] });
  needScalars('pasteMasks', { threshold });
  if (extent.some((side, i) => side > cells[i] * factor))
    throw new TensorError(
      `pasteMasks: ${x.label} ${shapeText(x.shape)} covers ${cells[0] * factor}×${cells[1] * factor} pixels, and the extent is ${extent[0]}×${extent[1]}`,
    );
  const sideOf = (i: 0 | 1) => ({ cells: cells[i], factor, extent: extent[i], size: size[i] });
  const bits = empty(x.gpu, [count, size[1], Math.ceil(size[0] / 32)], 'pasteMasks', 'u32');
  if (bits.size > 0) pasteInto(x, bits, { rows: sideOf(0), columns: sideOf(1), threshold });
  return record('pasteMasks', bits, [], () => {});
}

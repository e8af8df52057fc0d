// How alike pixels of a picture are in color, which is what BoxInst learns masks by where only boxes are known (Tian et al., "BoxInst: High-performance instance segmentation
// with box annotations", CVPR 2021, equation 5): pixels of one color are of one object, or both of none.
import { empty, needDType, needSizes, record, shapeText, type Tensor, TensorError } from '../../tensor/index.ts';
import { similarities } from './kernels/color-similarity.ts';

/** How the picture is made smaller first. */
export interface ColorSimilarityOptions {
  /** Sides of the squares of pixels that are averaged. Default 4. */
  stride?: number;
}

/**
 * exp(−‖c − c'‖ / 2) of each pixel and eight others, at a `stride`th of the sides: f32 [N, ⌊H / stride⌋, ⌊W / stride⌋, 8], for `pixels` u8 [N, H, W, 3] in RGB. c is the color in
 * CIE LAB (sRGB, D65) of the average, cut off to whole bytes as the original does; the others lie two pixels away, row by row from the top left. It is 0 where the other does not count: outside
 * of the picture, or where the pixel in the middle of its square is beyond `extents` u32 [N, 2], the rows and columns that count of each picture. A constant: there is no gradient. Throws
 * TensorError.
 *
 * @example
 * const similarity = colorSimilarity(batch.pixels, batch.colorExtents);
 */
export function colorSimilarity(pixels: Tensor, extents: Tensor, { stride = 4 }: ColorSimilarityOptions = {}): Tensor {
  needDType('colorSimilarity', 'u8', pixels);
  needDType('colorSimilarity', 'u32', extents);
  needSizes('colorSimilarity', { stride });
  const [n, height, width, channels] = pixels.shape;
  if (pixels.shape.length !== 4 || channels !== 3)
    throw new TensorError(`colorSimilarity: ${pixels.label} ${shapeText(pixels.shape)} must be [N×H×W×3]`);
  if (extents.shape.length !== 2 || extents.shape[0] !== n || extents.shape[1] !== 2)
    throw new TensorError(
      `colorSimilarity: ${extents.label} ${shapeText(extents.shape)} must be [${n}×2], the rows and columns that count of each picture`,
    );
  const shape = [n, Math.floor(height / stride), Math.floor(width / stride), 8];
  const y = empty(pixels.gpu, shape, 'colorSimilarity');
  similarities(pixels, extents, y, stride);
  return record('colorSimilarity', y, [], () => {});
}

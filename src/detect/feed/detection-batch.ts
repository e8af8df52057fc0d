// What a detector is trained and evaluated on: pictures of one padded size with the boxes of their objects, as tensors.
import type { Tensor } from '../../tensor/index.ts';

/** N pictures at the top left of H × W pixels each, with up to M objects; M is a power of two. Sides are multiples of what the feed pads to. */
export interface DetectionBatch {
  /** f32 or f16 [N, H, W, 3], normalized; 0 where a picture does not reach. */
  readonly images: Tensor;
  /** u8 [N, H, W, 3], RGB; 0 where a picture does not reach. */
  readonly pixels: Tensor;
  /** u32 [N, 2]: rows and columns that each picture has. */
  readonly extents: Tensor;
  /** u32 [N, 2]: those whose colors count, as colorSimilarity() takes them: without the bottom rows, where videos that COCO is partly from have a black bar. */
  readonly colorExtents: Tensor;
  /** f32 [N, M, 4]: x0, y0, x1, y1 in pixels, objects of a picture one after the other; 0 behind them. */
  readonly boxes: Tensor;
  /** u32 [N, M]: classes from 0; NO_INDEX where there is no object. */
  readonly classes: Tensor;
}

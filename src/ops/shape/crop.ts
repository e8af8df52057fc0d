// The window that takes back a pad at the bottom and the right.
import { needTensors, shapeText, type Tensor, TensorError } from '../../tensor/index.ts';
import { cutBox } from './slice.ts';

/** The top left window of `height` × `width` of x [N, H, W, C], f32, f16 or u32. Throws TensorError. */
export function crop(x: Tensor, height: number, width: number): Tensor {
  needTensors('crop', x);
  const { shape } = x;
  if (shape.length !== 4) throw new TensorError(`crop: ${x.label} ${shapeText(shape)} must be [N×H×W×C]`);
  return cutBox('crop', x, [0, 0, 0, 0], [shape[0], height, width, shape[3]]);
}

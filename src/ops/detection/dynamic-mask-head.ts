// CondInst's mask head (Tian, Shen and Chen 2020): for each instance a small network of its own, whose parameters another network made.
import { needArguments } from '../../gpu/index.ts';
import {
  empty,
  needDType,
  needFloats,
  needSizes,
  needTensors,
  record,
  type Shape,
  shapeText,
  type Tensor,
  TensorError,
} from '../../tensor/index.ts';
import {
  MASK_PARAMETERS,
  type MaskHead,
  maskHeadFeatures,
  maskHeadForward,
  maskHeadParameters,
} from './kernels/mask-head.ts';

/** What the mask head takes beside its tensors. */
export interface DynamicMaskHeadOptions {
  /** Pixels from one position of the features to the next. Default 8. */
  stride?: number;
}

/**
 * Logits [N, K, h, w] of the masks of K instances of each image: at every position of features [N, h, w, 16] three layers of 8, 8 and 1 outputs with ReLU between them, on two
 * numbers, from there to the instance's center (x, y) in pixels in units of its size of interest, and the 16 features. parameters [N, K, 233] are each instance's weights, layer
 * by layer and output by output, then its biases. features and parameters, f32 or f16, have gradients; centers [N, K, 2] and sizes [N, K] are f32. Where a size is
 * not a positive number (0, or NaN as gather() gives it) there is no instance: its logits are 0, nothing is read, and it has no gradient. The result is f16 if either is.
 * Position (i, j) lies at pixels ⌊stride/2⌋ + stride·(j, i). Gradients add up in a fixed order. Throws TensorError.
 */
export function dynamicMaskHead(
  features: Tensor,
  parameters: Tensor,
  centers: Tensor,
  sizes: Tensor,
  options: DynamicMaskHeadOptions = {},
): Tensor {
  const op = 'dynamicMaskHead';
  needTensors(op, features, parameters, centers, sizes);
  needArguments(op, 'an object', { options });
  const { stride = 8 } = options;
  for (const x of [features, parameters]) needFloats(op, x);
  needDType(op, 'f32', centers, sizes);
  needSizes(op, { stride });
  const need = ({ label, shape }: Tensor, wanted: Shape, text: string): void => {
    if (shape.join() !== wanted.join()) throw new TensorError(`${op}: ${label} ${shapeText(shape)} must be ${text}`);
  };
  const [n, h, w] = features.shape;
  const k = parameters.shape[1];
  need(features, [n, h, w, 16], '[N×h×w×16]');
  need(parameters, [n, k, MASK_PARAMETERS], `[${n}×K×${MASK_PARAMETERS}]`);
  need(centers, [n, k, 2], `[${n}×${k}×2]`);
  need(sizes, [n, k], `[${n}×${k}]`);
  const dtype = [features, parameters].some((x) => x.dtype === 'f16') ? 'f16' : 'f32';
  const head: MaskHead = { features, parameters, centers, sizes, stride, dtype };
  const logits = empty(features.gpu, [n, k, h, w], op, dtype);
  maskHeadForward(head, logits);
  return record(op, logits, [features, parameters], (gradient, sink) => {
    sink.write(0, (out) => maskHeadFeatures(head, gradient, out));
    sink.write(1, (out) => maskHeadParameters(head, gradient, out));
  });
}

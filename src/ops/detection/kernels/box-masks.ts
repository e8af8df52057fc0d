// What the losses of masks share: logits of instances, the box that each belongs to, and launches of the shaders that make masks of the boxes (shaders/detection/box_mask.wgsl).
import { type KernelCall, params } from '../../../gpu/index.ts';
import {
  needDType,
  needFloats,
  needSizes,
  needTensors,
  shapeText,
  type Tensor,
  TensorError,
} from '../../../tensor/index.ts';

/** What the losses of masks take. */
export interface MaskLossOptions {
  /** Pixels from one logit to the next. Default 4. */
  stride?: number;
}

export interface BoxMasks {
  images: number;
  /** Of all images. */
  instances: number;
  height: number;
  width: number;
  /** Launches a kernel on logits, objects and boxes, and what it binds besides; `share` as of the shaders' Maps. */
  run: (
    label: string,
    tensors: readonly Tensor[],
    call: Pick<KernelCall, 'shader' | 'constants' | 'grid' | 'cost'>,
    share?: number,
  ) => void;
}

/** Throws TensorError unless logits are f32 or f16 [N, K, h, w], objects u32 [N, K] and boxes f32 [N, M, 4]. */
export function boxMasksOf(
  op: string,
  logits: Tensor,
  objects: Tensor,
  boxes: Tensor,
  { stride = 4 }: MaskLossOptions,
): BoxMasks {
  needTensors(op, logits, objects, boxes);
  needSizes(op, { stride });
  needFloats(op, logits);
  needDType(op, 'u32', objects);
  needDType(op, 'f32', boxes);
  const [n, k, height, width] = logits.shape;
  const refuse = ({ label, shape }: Tensor, text: string): never => {
    throw new TensorError(`${op}: ${label} ${shapeText(shape)} must be ${text}`);
  };
  if (logits.shape.length !== 4 || height === 0 || width === 0) refuse(logits, '[N×K×h×w], with sides from 1');
  if (objects.shape.join() !== [n, k].join()) refuse(objects, `[${n}×${k}]`);
  const capacity = boxes.shape[1];
  if (boxes.shape.join() !== [n, capacity, 4].join()) refuse(boxes, `[${n}×M×4]`);
  const maps = [n * k, k, height, width, capacity, stride];
  return {
    images: n,
    instances: n * k,
    height,
    width,
    run: (label, tensors, call, share = 0) =>
      logits.gpu.run({
        ...call,
        types: { X: logits.dtype },
        bindings: [logits, objects, boxes, ...tensors].map(({ slice }) => slice),
        params: params(...maps, share),
        label,
      }),
  };
}

// Group normalization (Wu and He 2018) and instance normalization (Ulyanov, Vedaldi and Lempitsky 2016) of activations whose channels lie last.
import { needArguments } from '../../gpu/index.ts';
import { count, needChannels, needFloats, shapeText, type Tensor, TensorError } from '../../tensor/index.ts';
import { normalizedUnits } from './normalize-units.ts';

/** What instanceNorm takes beside x. */
export interface InstanceNormOptions {
  /** f32 [C]: what each channel is multiplied with. */
  weight?: Tensor;
  /** f32 [C]: what is added to each channel. */
  bias?: Tensor;
  /** Added to the variance. Default 1e-5. */
  eps?: number;
}

/** What groupNorm takes beside x. */
export interface GroupNormOptions extends InstanceNormOptions {
  /** So many groups of neighboring channels, a divisor of C. */
  groups: number;
}

/**
 * (x − mean) / √(variance + eps) · weight + bias for x [N, ..., C], f32 or f16, with the mean and the population variance of each image's channels of a group, over all
 * positions: torch's group_norm, channels last. The result is stored as x is, sums are f32. Differentiable in x, weight and bias. Throws TensorError for groups, shapes,
 * dtypes and scalars that do not fit, and where a group of an image is a single value.
 */
export function groupNorm(x: Tensor, options: GroupNormOptions): Tensor {
  needFloats('groupNorm', x);
  needArguments('groupNorm', 'an object', { options });
  const { groups, ...rest } = options;
  return byGroups('groupNorm', x, groups, rest);
}

/** groupNorm with a group for each channel: torch's instance_norm, channels last, without running statistics. */
export function instanceNorm(x: Tensor, options: InstanceNormOptions = {}): Tensor {
  needFloats('instanceNorm', x);
  return byGroups('instanceNorm', x, x.shape[x.shape.length - 1], options);
}

function byGroups(op: string, x: Tensor, groups: number, { weight, bias, eps = 1e-5 }: InstanceNormOptions): Tensor {
  const { label, shape } = x;
  if (shape.length < 2) throw new TensorError(`${op}: ${label} ${shapeText(shape)} must be [N, ..., C]`);
  const channels = shape[shape.length - 1];
  if (!(Number.isInteger(groups) && groups >= 1 && channels % groups === 0))
    throw new TensorError(
      `${op}: groups is ${groups}, it must divide the ${channels} channels of ${label} ${shapeText(shape)}`,
    );
  needChannels(op, channels, ...[weight, bias].filter((one) => one !== undefined));
  const positions = count(shape.slice(1, -1));
  if (positions * channels === groups)
    throw new TensorError(
      `${op}: ${label} ${shapeText(shape)} has one value a group, which its own statistics make 0 whatever it is: take larger images or fewer groups`,
    );
  return normalizedUnits(
    op,
    x,
    { images: shape[0], positions, groups, channels: channels / groups },
    { weight, bias, eps, centered: true },
  );
}

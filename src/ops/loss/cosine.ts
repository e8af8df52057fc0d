// The angle between vectors, and a loss that draws them together or apart.
import { needFloats, needScalars, shapeText, type Tensor, TensorError } from '../../tensor/index.ts';
import { mul } from '../arithmetic/binary.ts';
import { applyBroadcasting } from '../arithmetic/broadcasting.ts';
import { cast } from '../elementwise/cast.ts';
import { norm } from '../reduce/norm.ts';
import { sum } from '../reduce/sum.ts';
import { type ElementLoss, elementLoss, type LossReduction } from './element-loss.ts';

/**
 * Σ a·b / (max(‖a‖, eps)·max(‖b‖, eps)) along an axis (default the last; torch's default is 1), of two tensors of one shape, f32 or f16, in f32, without that axis. eps
 * (default 1e-8) keeps vectors of zeros at 0. Both have gradients. Throws TensorError for shapes and dtypes that do not fit.
 */
export function cosineSimilarity(
  a: Tensor,
  b: Tensor,
  { axis = -1, eps = 1e-8 }: { axis?: number; eps?: number } = {},
): Tensor {
  for (const side of [a, b]) needFloats('cosineSimilarity', side);
  needScalars('cosineSimilarity', { eps });
  if (shapeText(a.shape) !== shapeText(b.shape))
    throw new TensorError(
      `cosineSimilarity: ${a.label} ${shapeText(a.shape)} and ${b.label} ${shapeText(b.shape)} must be of one shape`,
    );
  const [p, q] = [cast(a, 'f32'), cast(b, 'f32')];
  const least = `F(${Math.fround(eps).toExponential()})`;
  const size = (side: string): string => `max(${side}, ${least})`;
  const bent = (side: string): string => `select(F(0), -g * y / ${side}, ${side} > ${least})`;
  return applyBroadcasting(
    'cosineSimilarity',
    { value: `a / (${size('b')} * ${size('c')})`, slopes: [`g / (${size('b')} * ${size('c')})`, bent('b'), bent('c')] },
    [sum(mul(p, q), axis), norm(p, axis), norm(q, axis)],
  );
}

/** 1 − a where the target is above 0, elsewhere what a exceeds the margin by. */
const EMBEDDING: ElementLoss = {
  value: 'select(at_least(a - margin, F(0)), 1.0 - a, b > F(0))',
  slopes: ['g * select(one_where(a > margin), F(-1), b > F(0))'],
};

/**
 * 1 − cos(a, b) for pairs [N, D] whose target, f32 or f16 [N], is 1; max(0, cos(a, b) − margin) for those of −1, margin from 0 to 1 (default 0). In f32: the mean, [1], or
 * as `reduction` says; torch's cosine_embedding_loss. Targets are constants. Throws TensorError for shapes, dtypes and options that do not fit.
 */
export function cosineEmbeddingLoss(
  a: Tensor,
  b: Tensor,
  targets: Tensor,
  { margin = 0, reduction }: LossReduction & { margin?: number } = {},
): Tensor {
  needScalars('cosineEmbeddingLoss', { margin }, 1);
  return elementLoss('cosineEmbeddingLoss', EMBEDDING, [cosineSimilarity(a, b), targets], reduction, { margin });
}

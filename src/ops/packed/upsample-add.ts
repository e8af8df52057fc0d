// Scores of several images in one tensor, added up level by level as FCN-8s does. Between the images they are made zero: a score has a bias, and what
// it would leave there would come into the images with the next transposed convolution.
import { needArguments, params } from '../../gpu/index.ts';
import {
  chunkLaunch,
  empty,
  needDType,
  needTensors,
  record,
  shapeText,
  type Tensor,
  TensorError,
} from '../../tensor/index.ts';
import { type IndexMap, permuteScatter } from './permute-scatter.ts';

/** Scores where a pixel is some image's, 0 elsewhere: f32, with `inside` u32 for each, NO_INDEX for pixels of no image. Throws TensorError. */
export function packedMask(scores: Tensor, inside: Tensor): Tensor {
  check('packedMask', scores, inside);
  const y = empty(scores.gpu, scores.shape, 'packedMask');
  run(scores, undefined, inside, y);
  return record('packedMask', y, [scores], (dy, sink) => sink.write(0, (out) => run(dy, undefined, inside, out)));
}

/**
 * scores[i] + up[sources[i]] where a pixel has a source, 0 elsewhere, f32 in the shape of the scores; `upsampleIndex` says where each of up's pixels goes.
 * Throws TensorError.
 */
export function packedUpsampleAdd(scores: Tensor, up: Tensor, upsampleIndex: IndexMap): Tensor {
  needTensors('packedUpsampleAdd', scores, up);
  needArguments('packedUpsampleAdd', 'an object', { upsampleIndex });
  const { sources, targets } = upsampleIndex;
  check('packedUpsampleAdd', scores, sources);
  check('packedUpsampleAdd', up, targets);
  const y = empty(scores.gpu, scores.shape, 'packedUpsampleAdd');
  run(scores, up, sources, y);
  return record('packedUpsampleAdd', y, [scores, up], (dy, sink) => {
    sink.write(0, (out) => run(dy, undefined, sources, out));
    if (!sink.wants(1)) return;
    const back = permuteScatter(dy, up.shape, { sources: targets, targets: sources });
    sink.forward(1, back);
    back.release();
  });
}

function check(op: string, scores: Tensor, index: Tensor): void {
  needDType(op, 'f32', scores);
  needDType(op, 'u32', index);
  if (scores.size !== index.size)
    throw new TensorError(
      `${op}: ${scores.label} ${shapeText(scores.shape)} has ${scores.size} scores, its index ${index.size} entries; they must be as many`,
    );
}

function run(x: Tensor, up: Tensor | undefined, index: Tensor, y: Tensor): void {
  const { constants, grid } = chunkLaunch(y.gpu, y.size);
  y.gpu.run({
    shader: 'packed/upsample_add',
    constants: { ...constants, ADD: up !== undefined },
    grid,
    bindings: [x, up ?? x, index, y].map(({ slice }) => slice),
    params: params(y.size),
    cost: { flops: up ? y.size : 0, bytes: (up ? 4 : 3) * y.bytes },
    label: up ? 'packed/upsampleAdd' : 'packed/mask',
  });
}

// The lower and the upper triangle of matrices. Backward cuts the same one out of the gradient.
import { grid1d, params } from '../../gpu/index.ts';
import { empty, record, shapeText, type Tensor, TensorError } from '../../tensor/index.ts';
import { needWords } from './kernels/words.ts';

/**
 * The lower triangles of x [..., rows, columns], 0 elsewhere: what lies on and below the k-th diagonal, k = `diagonal` (default 0) columns to the right of the main one,
 * also negative. f32, f16 or u32; of ones it is the mask of causal attention. As numpy.tril and torch.tril. Throws TensorError.
 */
export const tril = (x: Tensor, { diagonal = 0 } = {}): Tensor => triangle('tril', x, diagonal);

/** The upper triangles of x [..., rows, columns]: what lies on and above the k-th diagonal; otherwise as tril(). Throws TensorError. */
export const triu = (x: Tensor, { diagonal = 0 } = {}): Tensor => triangle('triu', x, diagonal);

function triangle(op: 'tril' | 'triu', x: Tensor, diagonal: number): Tensor {
  needWords(op, x);
  if (x.shape.length < 2 || !Number.isInteger(diagonal))
    throw new TensorError(
      `${op}: ${x.label} ${shapeText(x.shape)} must be [..., rows, columns], and the diagonal a whole number, not ${diagonal}`,
    );
  const [rows, columns] = x.shape.slice(-2);
  const cut = (from: Tensor, to: Tensor): void =>
    x.gpu.run({
      shader: 'shape/triangle',
      types: { Elem: x.dtype === 'f16' ? 'f16' : 'u32' },
      bindings: [from.slice, to.slice],
      params: params(rows, columns, x.size, Math.max(-rows, Math.min(diagonal, columns)), Number(op === 'triu')),
      grid: grid1d(Math.ceil(x.size / 64)),
      cost: { flops: 0, bytes: 2 * x.bytes },
      label: op,
    });
  const y = empty(x.gpu, x.shape, op, x.dtype);
  cut(x, y);
  return record(op, y, [x], (gradient, sink) => sink.write(0, (out) => cut(gradient, out)));
}

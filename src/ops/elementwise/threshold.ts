// Comparing with a threshold: the straight-through binary gate, and the cut that makes improbable connections exactly zero.
import { f32, params } from '../../gpu/index.ts';
import { chunkLaunch, empty, needDType, record, type Tensor } from '../../tensor/index.ts';

function run(entry: 'binarizeSTE' | 'hardThreshold', x: Tensor, threshold: number): Tensor {
  needDType(entry, 'f32', x);
  const y = empty(x.gpu, x.shape, entry);
  x.gpu.run({
    shader: 'elementwise/threshold',
    entry,
    bindings: [x.slice, y.slice],
    params: params(f32(threshold)),
    ...chunkLaunch(x.gpu, Math.ceil(x.size / 4)),
    cost: { flops: x.size, bytes: x.bytes * 2 },
    label: entry,
  });
  return y;
}

/** 1 where x ≥ threshold, else 0, and NaN where x is; the gradient passes straight through (Bengio et al. 2013). f32; throws TensorError. */
export function binarizeSTE(x: Tensor, threshold: number): Tensor {
  return record('binarizeSTE', run('binarizeSTE', x, threshold), [x], (gradient, sink) => sink.forward(0, gradient));
}

/** x where x ≥ threshold or NaN, else 0, as a constant. f32; throws TensorError. */
export function hardThreshold(x: Tensor, threshold: number): Tensor {
  return run('hardThreshold', x, threshold);
}

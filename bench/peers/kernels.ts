// Single kernels: the three directions of a 3×3 convolution, and a matrix product, all sides on the same random values.
import type { Gpu, Program } from 'astrogpu/gpu';
import {
  type ConvGeometry,
  convDataGradient,
  convForward,
  convWeightGradient,
  count,
  empty,
  keep,
  matmul,
  noGrad,
  normalArray,
  type Shape,
  scope,
  type Tensor,
  tensor,
} from 'astrogpu/tensor';
import type { Comparison, ConvTask, Direction, MatmulTask, PreparedTask } from './comparison.ts';

/** Sums of up to 8,192 products in f32, in another order on each side. Found on a software adapter: 3e-6. */
const TOLERANCE = 1e-3;

/** Ours: recorded once, then replayed, in a scope, as a training step is: what is made on the way is gone, so that chains become one kernel that does not write it. */
export function ourKernel(gpu: Gpu, inputs: Tensor[], op: () => Tensor): PreparedTask {
  let program: Program | undefined;
  let out: Tensor;
  return {
    run: () => program!.replay(),
    idle: () => gpu.idle(),
    async results() {
      program = gpu.capture('kernel', () => {
        out = noGrad(() => scope(() => keep(op())));
      });
      return new Map([['result', await out.floats()]]);
    },
    release() {
      out?.release();
      program?.dispose();
      for (const made of inputs) made.release();
    },
  };
}

/** A 3×3 convolution, stride 1, padded by 1, of `batch` images `side`×`side`. */
export function convComparison(direction: Direction, batch: number, side: number, channels: number): Comparison {
  const x: Shape = [batch, side, side, channels];
  const w: Shape = [3, 3, channels, channels];
  const [first, second, result] = { forward: [x, w, x], 'data gradient': [x, w, x], 'weight gradient': [x, x, w] }[
    direction
  ];
  const task: ConvTask = {
    direction,
    images: x,
    filter: w,
    a: normalArray(count(first), 1, 1),
    b: normalArray(count(second), 1, 2),
  };
  const g: ConvGeometry = {
    ...{ n: batch, h: side, w: side, ci: channels, ho: side, wo: side, co: channels },
    ...{ kh: 3, kw: 3, sh: 1, sw: 1, ph: 1, pw: 1, dh: 1, dw: 1, groups: 1 },
  };
  const launch = { forward: convForward, 'data gradient': convDataGradient, 'weight gradient': convWeightGradient }[
    direction
  ];
  return {
    name: `conv2d 3×3 ${direction}, ${channels}→${channels}, ${side}×${side}, batch ${batch}`,
    tolerance: TOLERANCE,
    ours(gpu) {
      const inputs = [tensor(gpu, task.a, first), tensor(gpu, task.b, second)];
      return ourKernel(gpu, inputs, () => {
        const out = empty(gpu, result, direction);
        launch(gpu, g, inputs[0].slice, inputs[1].slice, out.slice);
        return out;
      });
    },
    theirs: (peer) => peer.conv(task),
  };
}

/** [m,k]×[k,n]. */
export function matmulComparison(m: number, n: number, k: number): Comparison {
  const task: MatmulTask = { m, n, k, a: normalArray(m * k, 2, 1), b: normalArray(k * n, 2, 2) };
  return {
    name: m === n && n === k ? `matmul ${m}³` : `matmul ${m}×${k} by ${k}×${n}`,
    tolerance: TOLERANCE,
    ours(gpu) {
      const [left, right] = [tensor(gpu, task.a, [m, k]), tensor(gpu, task.b, [k, n])];
      return ourKernel(gpu, [left, right], () => matmul(left, right));
    },
    theirs: (peer) => peer.matmul(task),
  };
}

// Single kernels: the three directions of a 3×3 convolution, and a matrix product, both sides on the same random values.
import type { NamedAttrMap, Tensor as PeerTensor } from '@tensorflow/tfjs-core';
import type { Gpu } from 'astrogpu/gpu';
import {
  type ConvGeometry,
  convDataGradient,
  convForward,
  convWeightGradient,
  count,
  empty,
  matmul,
  noGrad,
  normalArray,
  type Shape,
  type Tensor,
  tensor,
} from 'astrogpu/tensor';
import type { Arm, Job } from './job.ts';
import type { Tfjs } from './tfjs.ts';

const TOLERANCE = 1e-3;

/** Ours: `run` fills `out`. */
function ourArm(gpu: Gpu, inputs: Tensor[], out: Tensor, run: () => void): Arm {
  return {
    run,
    settle: () => gpu.settled(),
    async results() {
      run();
      return new Map([['result', await out.floats()]]);
    },
    release() {
      for (const made of [...inputs, out]) made.release();
    },
  };
}

/** The peer's: `op` returns a new tensor, which each run frees again. */
function tfjsArm({ tf, settle }: Tfjs, inputs: PeerTensor[], op: () => PeerTensor): Arm {
  return {
    run: () => op().dispose(),
    settle,
    async results() {
      const out = op();
      const values = Float32Array.from(await out.data());
      out.dispose();
      return new Map([['result', values]]);
    },
    release: () => tf.dispose(inputs),
  };
}

type Direction = 'forward' | 'data gradient' | 'weight gradient';

/** A 3×3 convolution, stride 1, padded by 1, of `batch` images `side`×`side`. */
export function convJob(direction: Direction, batch: number, side: number, channels: number): Job {
  const x: Shape = [batch, side, side, channels];
  const w: Shape = [3, 3, channels, channels];
  const [first, second, result] = { forward: [x, w, x], 'data gradient': [x, w, x], 'weight gradient': [x, x, w] }[
    direction
  ];
  const a = normalArray(count(first), 1, 1);
  const b = normalArray(count(second), 1, 2);
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
      const inputs = [tensor(gpu, a, first), tensor(gpu, b, second)];
      const out = empty(gpu, result, direction);
      return ourArm(gpu, inputs, out, () => launch(gpu, g, inputs[0].slice, inputs[1].slice, out.slice));
    },
    tfjs(peer) {
      const { tf } = peer;
      const [p, q] = [tf.tensor(a, [...first]), tf.tensor(b, [...second])];
      const attributes = { strides: [1, 1], pad: 1, dataFormat: 'NHWC' };
      const kernel = (name: string, named: Record<string, PeerTensor>, more: NamedAttrMap): PeerTensor =>
        tf.engine().runKernel(name, named, { ...attributes, ...more });
      const op = {
        forward: () => tf.conv2d(p as never, q as never, 1, 1),
        'data gradient': () => kernel('Conv2DBackpropInput', { dy: p, filter: q }, { inputShape: [...x] }),
        'weight gradient': () => kernel('Conv2DBackpropFilter', { x: p, dy: q }, { filterShape: [...w] }),
      }[direction];
      return tfjsArm(peer, [p, q], op);
    },
  };
}

/** [m,k]×[k,n]. */
export function matmulJob(m: number, n: number, k: number): Job {
  const a = normalArray(m * k, 2, 1);
  const b = normalArray(k * n, 2, 2);
  return {
    name: m === n && n === k ? `matmul ${m}³` : `matmul ${m}×${k} by ${k}×${n}`,
    tolerance: TOLERANCE,
    ours(gpu) {
      const [left, right] = [tensor(gpu, a, [m, k]), tensor(gpu, b, [k, n])];
      const multiply = (): Tensor => noGrad(() => matmul(left, right));
      return {
        run: () => multiply().release(),
        settle: () => gpu.settled(),
        async results() {
          const out = multiply();
          const values = await out.floats();
          out.release();
          return new Map([['result', values]]);
        },
        release() {
          left.release();
          right.release();
        },
      };
    },
    tfjs(peer) {
      const [left, right] = [peer.tf.tensor2d(a, [m, k]), peer.tf.tensor2d(b, [k, n])];
      return tfjsArm(peer, [left, right], () => peer.tf.matMul(left, right));
    },
  };
}

// Runs the kernels that treat every element alike, four elements a thread: bandwidth decides, so they share one launch shape.
import { grid1d } from '../../gpu/index.ts';
import type { Tensor } from '../tensor.ts';

const grid = (x: Tensor): [number, number] => grid1d(Math.ceil(Math.ceil(x.size / 4) / 64));

/** y ← f(x), `entry` of shaders/unary.wgsl. */
export function unary(entry: 'relu' | 'sigmoid', x: Tensor, y: Tensor): void {
  x.gpu.run({
    shader: 'unary',
    entry,
    bindings: [x.slice, y.slice],
    grid: grid(x),
    cost: { flops: x.size, bytes: x.bytes * 2 },
    label: entry,
  });
}

/** y ← f(a, b), `entry` of shaders/binary.wgsl; all three of one size. */
export function binary(entry: 'reluBackward' | 'sigmoidBackward', a: Tensor, b: Tensor, y: Tensor): void {
  y.gpu.run({
    shader: 'binary',
    entry,
    bindings: [a.slice, b.slice, y.slice],
    grid: grid(y),
    cost: { flops: y.size, bytes: y.bytes * 3 },
    label: entry,
  });
}

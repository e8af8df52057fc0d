// Launches the plain convolution kernels: any geometry, one element a thread. The reference that every faster kernel is compared with.
import { type Gpu, grid1d, type Slice } from '../../../gpu/index.ts';
import { type ConvGeometry, convCost, geometryParams, inputCount, outputCount, weightCount } from './geometry.ts';
import type { ConvLaunches, Direction } from './job.ts';

const elements = { forward: outputCount, dataGradient: inputCount, weightGradient: weightCount };

function launch(entry: Direction, gpu: Gpu, g: ConvGeometry, bindings: Slice[]): void {
  gpu.run({
    shader: 'conv/plain',
    entry,
    types: g.half
      ? { A: 'f16', B: 'f16', C: entry === 'weightGradient' ? 'f32' : 'f16' }
      : { A: 'f32', B: 'f32', C: 'f32' },
    bindings,
    params: geometryParams(g),
    grid: grid1d(Math.ceil(elements[entry](g) / 64)),
    cost: convCost(g),
    label: `conv/${entry}/plain`,
  });
}

export const plain: ConvLaunches = {
  forward: (gpu, g, x, w, y) => launch('forward', gpu, g, [x, w, y]),
  dataGradient: (gpu, g, dy, w, dx) => launch('dataGradient', gpu, g, [dy, w, dx]),
  weightGradient: (gpu, g, x, dy, dw) => launch('weightGradient', gpu, g, [x, dy, dw]),
};

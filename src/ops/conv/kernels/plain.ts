// Launches the plain convolution kernels: any geometry, one element a thread. The reference that every faster kernel is compared with.
import { type Gpu, grid1d, type Slice } from '../../../gpu/index.ts';
import { type ConvGeometry, convCost, geometryParams, inputCount, outputCount, weightCount } from './geometry.ts';

type Entry = 'forward' | 'dataGradient' | 'weightGradient';

const elements = { forward: outputCount, dataGradient: inputCount, weightGradient: weightCount };

/** Bindings by entry: forward x, w, y; dataGradient dy, w, dx; weightGradient x, dy, dw. */
export function convPlain(gpu: Gpu, entry: Entry, g: ConvGeometry, bindings: Slice[]): void {
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

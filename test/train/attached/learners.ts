// Modules that learn, as tests attach an astrocyte to them, and the options of a small one.
import { EVAL, type Module, type Pass } from '../../../src/nn/module.ts';
import { crossEntropy } from '../../../src/ops/loss/cross-entropy.ts';
import { noGrad } from '../../../src/tensor/autograd.ts';
import { scope } from '../../../src/tensor/scope.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import type { AttachOptions } from '../../../src/train/attached/attached-astrocyte.ts';
import { on } from '../../support/gpu.ts';
import { SIDE } from '../../support/own-modules.ts';
import { values } from '../../support/random.ts';

export const SMALL: AttachOptions = { network: 'fcn', T: 2, anLr: 0.01 };
export const size = 2 * SIDE * SIDE;
export const images = () => on(values(3, 2 * size), [2, SIDE, SIDE, 2]);

export interface Learns extends Module {
  forward(x: Tensor, pass: Pass): Tensor;
}

export const lossOf =
  (module: Learns) =>
  ({ x, y }: Readonly<Record<'x' | 'y', Tensor>>, pass: Pass): Tensor =>
    crossEntropy(module.forward(x, pass), y);

export async function run(fn: () => Tensor): Promise<Float32Array> {
  const made = noGrad(() => scope(fn));
  const read = await made.floats();
  made.release();
  return read;
}

export const sampleOf = (module: Learns) => {
  const x = images();
  return () => module.forward(x, EVAL);
};

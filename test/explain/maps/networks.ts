// Networks as after training, and what they make of images: what the tests of explain/ compare with.
import type { Network } from '../../../src/models/network.ts';
import { EVAL } from '../../../src/nn/module.ts';
import { loadStateDict, stateDict } from '../../../src/nn/state-dict.ts';
import { noGrad } from '../../../src/tensor/autograd.ts';
import { scope } from '../../../src/tensor/scope.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import { gpu, on } from '../../support/gpu.ts';
import { generator, values } from '../../support/random.ts';

/** Gives normalizations other statistics and affine parts than those they begin with. */
export async function trained(network: Network, seed = 3): Promise<Network> {
  network.to(gpu, seed);
  const next = generator(seed);
  const dict = await stateDict(network);
  for (const [name, { shape, data }] of dict) {
    if (shape.length > 1) continue;
    const low = /running_var$|(norm|bn|downsample\.1|features\.)\S*\.weight$/.test(name) ? 0.5 : -0.3;
    for (let i = 0; i < data.length; i++) data[i] = low + next();
  }
  loadStateDict(network, dict);
  return network;
}

/** Drawn images, N×side×side×3. */
export const images = (count: number, side: number): Tensor =>
  on(values(9, count * side * side * 3), [count, side, side, 3]);

/** The value of a node in evaluation, on the CPU. */
export async function nodeValue(network: Network, x: Tensor, name: string): Promise<Float32Array> {
  const [value] = noGrad(() => scope(() => network.values(x, EVAL, [name])));
  const floats = await value.floats();
  value.release();
  return floats;
}

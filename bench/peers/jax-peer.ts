// jax-js on its WebGPU device, in a page or in what looks like one: images NCHW, every task one jitted function, results read asynchronously only.
import { AstroError } from 'astrogpu/gpu';
import type { Peer } from './comparison.ts';
import { jaxBlock } from './jax-block.ts';
import { jaxAttention, jaxConv, jaxMatmul } from './jax-kernels.ts';
import { jaxOp } from './jax-ops.ts';
import { jaxStep } from './jax-step.ts';
import { missing } from './missing.ts';

/** Opens its own device on the same adapter. Throws AstroError where the package is not installed. */
export async function jaxPeer(version: string): Promise<Peer> {
  const jax = await import('@jax-js/jax').catch(missing('jax'));
  if (!(await jax.init('webgpu')).includes('webgpu')) throw new AstroError('jax finds no WebGPU adapter here');
  jax.defaultDevice('webgpu');
  return {
    name: 'jax',
    version,
    conv: (task) => jaxConv(jax, task),
    matmul: (task) => jaxMatmul(jax, task),
    attention: (task) => jaxAttention(jax, task),
    op: (task) => jaxOp(jax, task),
    block: (task) => jaxBlock(jax, task),
    step: (task, initial) => jaxStep(jax, task, initial),
  };
}

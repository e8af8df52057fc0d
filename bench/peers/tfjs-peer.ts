// TensorFlow.js with its WebGPU backend, in a page or in what looks like one.
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type * as core from '@tensorflow/tfjs-core';
import { AstroError } from 'astrogpu/gpu';
import type { Peer } from './comparison.ts';
import { missing } from './missing.ts';
import { tfjsBlock } from './tfjs-block.ts';
import { tfjsAttention, tfjsConv, tfjsMatmul } from './tfjs-kernels.ts';
import { tfjsOp } from './tfjs-ops.ts';
import { tfjsStep } from './tfjs-step.ts';

export interface TfjsBackend {
  tf: typeof core;
  /** Submits what is recorded and resolves when it has run, without a readback. */
  idle(): Promise<void>;
}

/** Opens its own device on the same adapter. Throws AstroError where the package is not installed. */
export async function tfjsPeer(): Promise<Peer> {
  const tf = await import('@tensorflow/tfjs-core').catch(missing('tfjs'));
  await import('@tensorflow/tfjs-backend-webgpu').catch(missing('tfjs'));
  await import('@tensorflow/tfjs-layers').catch(missing('tfjs')); // registers the gradients of the core's ops
  if (!(await tf.setBackend('webgpu'))) throw new AstroError('tfjs finds no WebGPU adapter here');
  await tf.ready();
  const webgpu = tf.backend() as unknown as WebGPUBackend;
  const backend: TfjsBackend = {
    tf,
    async idle() {
      webgpu.ensureCommandEncoderReady();
      webgpu.endComputePassEncoder();
      webgpu.submitQueue();
      await webgpu.queue.onSubmittedWorkDone();
    },
  };
  return {
    name: 'tfjs',
    version: tf.version_core,
    conv: (task) => tfjsConv(backend, task),
    matmul: (task) => tfjsMatmul(backend, task),
    attention: (task) => tfjsAttention(backend, task),
    op: (task) => tfjsOp(backend, task),
    block: (task) => tfjsBlock(backend, task),
    step: (task, initial) => tfjsStep(backend, task, initial),
  };
}

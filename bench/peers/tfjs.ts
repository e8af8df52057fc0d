// TensorFlow.js with its WebGPU backend, in Node: it looks for a browser's globals when it is imported, so these come first.
import { availableParallelism } from 'node:os';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type * as core from '@tensorflow/tfjs-core';
import { AstroError, provideGpu, throttled } from 'astrogpu/gpu';

export interface Tfjs {
  tf: typeof core;
  version: string;
  /** Submits what is recorded and resolves when it has run, without a readback. */
  settle(): Promise<void>;
}

/** Opens its own device on the same adapter. Throws AstroError where the package is not installed. */
export async function openTfjs(): Promise<Tfjs> {
  Object.defineProperty(globalThis, 'navigator', {
    value: { gpu: await provideGpu(), userAgent: 'node', hardwareConcurrency: availableParallelism() },
    configurable: true,
  });
  Object.assign(globalThis, { self: globalThis });
  throttleWaits();
  const tf = await import('@tensorflow/tfjs-core').catch(missing);
  await import('@tensorflow/tfjs-backend-webgpu').catch(missing);
  await import('@tensorflow/tfjs-layers').catch(missing); // registers the gradients of the core's ops
  if (!(await tf.setBackend('webgpu'))) throw new AstroError('tfjs finds no WebGPU adapter here');
  await tf.ready();
  const backend = tf.backend() as unknown as WebGPUBackend;
  return {
    tf,
    version: tf.version_core,
    async settle() {
      backend.ensureCommandEncoderReady();
      backend.endComputePassEncoder();
      backend.submitQueue();
      await backend.queue.onSubmittedWorkDone();
    },
  };
}

function missing(error: Error): never {
  throw new AstroError(`tfjs does not load (${error.message.split('\n')[0]}); run npm ci --include=dev`);
}

let waitsThrottled = false;

/** The peer waits as astrogpu does: without this Dawn's polling takes one core from a software adapter. */
function throttleWaits(): void {
  if (waitsThrottled) return;
  waitsThrottled = true;
  const { mapAsync } = GPUBuffer.prototype;
  GPUBuffer.prototype.mapAsync = function (...args) {
    return throttled(mapAsync.apply(this, args));
  };
  const { onSubmittedWorkDone } = GPUQueue.prototype;
  GPUQueue.prototype.onSubmittedWorkDone = function () {
    return throttled(onSubmittedWorkDone.call(this));
  };
}

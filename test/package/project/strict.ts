// The same in strict TypeScript, which checks the package's declarations, too.
import {
  AstroError,
  Conv2d,
  crossEntropy,
  Gpu,
  globalAvgPool,
  Module,
  type Profile,
  relu,
  type Shape,
  type Tensor,
  tensor,
} from 'astrogpu';
import { type Candidate, type GpuOptions, type KernelCall, NoAdapterError } from 'astrogpu/gpu';
import type { Pass } from 'astrogpu/nn';

class Small extends Module {
  readonly conv = new Conv2d(3, 2, { kernel: 3 });

  forward(x: Tensor): Tensor {
    return relu(this.conv.forward(x));
  }
}

export async function loss(options: GpuOptions, shape: Shape, pass?: Pass): Promise<number | undefined> {
  let gpu: Gpu;
  try {
    gpu = await Gpu.open(options);
  } catch (error) {
    if (error instanceof NoAdapterError) return undefined;
    throw error instanceof AstroError ? new Error(error.message) : error;
  }
  const device: GPUDevice = gpu.device;
  const model = new Small().to(gpu, 1);
  using x = tensor(gpu, new Float32Array(shape.reduce((a, b) => a * b, 1)), shape);
  console.log(device.limits.maxBufferSize, pass?.momentum);
  const logits = globalAvgPool(model.forward(x));
  return crossEntropy(logits, tensor(gpu, new Uint32Array(shape[0] ?? 1))).item();
}

export type Told = [Profile, Candidate, KernelCall];

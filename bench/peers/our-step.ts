// The training step in astrogpu: recorded once, then replayed as one submit.
import type { Gpu, Program } from 'astrogpu/gpu';
import { createModel } from 'astrogpu/models';
import { Sgd, TRAIN } from 'astrogpu/nn';
import { backward, copyInto, crossEntropy, empty, scope, tensor } from 'astrogpu/tensor';
import type { PreparedTask, StepTask, Weights } from './comparison.ts';
import { firstStep } from './step-task.ts';

const SEED = 7;

/** `start` is told the initial weights before the first step. */
export function ourStep(gpu: Gpu, task: StepTask, start: (weights: Weights) => void): PreparedTask {
  const network = createModel(task.model, { classes: task.classes }).to(gpu, SEED, { precision: task.precision });
  const x = tensor(gpu, task.images, task.shape, 'images');
  const y = tensor(gpu, task.labels, [task.labels.length], 'labels', 'u32');
  const loss = empty(gpu, [1], 'loss');
  const { values, tensors } = network.arena;
  const optimizer = new Sgd(network.arena, { lr: task.rate, momentum: task.momentum });

  const weights = async (): Promise<Weights> => {
    const all = await values.floats();
    const place = (offset: number): number => (offset - values.slice.offset) / 4;
    return new Map(
      [...tensors].map(([name, { shape, size, slice }]) => {
        const at = place(slice.offset);
        return [name, { shape, values: all.slice(at, at + size) }];
      }),
    );
  };
  const step = (): void =>
    scope(() => {
      const now = crossEntropy(network.forward(x, TRAIN), y);
      backward(now, { gradient: optimizer.lossScale });
      copyInto(loss, now);
      optimizer.step();
    });

  let program: Program | undefined;
  return {
    run: () => program!.replay(),
    idle: () => gpu.idle(),
    async results() {
      const before = await weights();
      start(before);
      program = gpu.capture('training step', step);
      const after = new Map([...(await weights())].map(([name, { values }]) => [name, values]));
      return firstStep(await loss.floats(), before, after);
    },
    release() {
      program?.dispose();
      optimizer.release();
      network.release();
      for (const made of [x, y, loss]) made.release();
    },
  };
}

// The CIFAR ResNets against PyTorch: a whole forward and backward pass, and some steps of training.
import { describe, expect, it } from 'vitest';
import { createModel } from '../../src/models/index.ts';
import { EVAL, Sgd, stateDict, TRAIN } from '../../src/nn/index.ts';
import { backward, crossEntropy, keep, noGrad, scope, tensor } from '../../src/tensor/index.ts';
import { fullError, loadGolden } from '../golden/golden.ts';
import { gpu } from '../support/gpu.ts';
import { KERNELS, underKernels } from '../support/kernels.ts';
import { expectSummaries, fillByFormula, gradientDict, input, toNchw } from '../support/torch.ts';

/** Rounding in another order than torch's: our sums run in f32 like its own, so the error is a small multiple of its f32 run's. */
const FACTOR = 20;
/** F(4×4) has 94 times the rounding of a product where direct sums have 3: src/tensor/kernels/conv-winograd.ts. */
const COARSE = (FACTOR * 94) / 3;

const whole = (name: 'resnet18' | 'resnet34') => (): void => {
  it('logits, loss, gradients and running statistics', { timeout: 240_000 }, async () => {
    const golden = loadGolden(name);
    const network = createModel(name).to(gpu, 1);
    await fillByFormula(network);
    const x = input(golden.input);
    const y = tensor(gpu, golden.labels, [golden.labels.length], 'labels', 'u32');
    const full = 'inputGradient' in golden ? golden : undefined;
    x.requiresGrad = full !== undefined;
    const { logits, loss } = scope(() => {
      const logits = network.forward(x, TRAIN);
      const kept = keep(logits.alias());
      const loss = crossEntropy(logits, y, { labelSmoothing: golden.labelSmoothing });
      backward(loss);
      return { logits: kept, loss };
    });
    const values = await logits.floats();
    expect(fullError(golden.logits, values)).toBeLessThan(FACTOR * golden.logits.f32);
    // Winograd rounds more than direct sums do: an image's cross-entropy changes by at most twice the largest change of its logits, and the mean of these by
    // at most their norm over √batch.
    const winograd = (2 * FACTOR * golden.logits.f32 * Math.hypot(...values)) / Math.sqrt(golden.labels.length);
    const allowed = gpu.tuner.force?.startsWith('winograd') ? winograd : 5e-6;
    expect(Math.abs((await loss.item()) - golden.loss)).toBeLessThan(allowed);
    const gradients = await gradientDict(network);
    expectSummaries(golden.gradients, (parameter) => gradients.get(parameter)!, FACTOR);
    if (full) {
      const gradient = await x.grad!.floats();
      expectSummaries({ input: full.inputGradient }, () => toNchw(gradient, x.shape), FACTOR);
      const state = await stateDict(network);
      expectSummaries(full.buffers, (buffer) => state.get(buffer)!.data, FACTOR);
      const evaluated = noGrad(() => scope(() => network.forward(x, EVAL)));
      expect(fullError(full.evalLogits, await evaluated.floats())).toBeLessThan(FACTOR * full.evalLogits.f32);
      evaluated.release();
    }
    for (const made of [x.grad, x, y, logits, loss, network]) made?.release();
  });
};

describe('resnet18 against PyTorch', () => underKernels(KERNELS, whole('resnet18')));
describe('resnet34 against PyTorch', () => underKernels(KERNELS, whole('resnet34')));

describe('resnet-small against PyTorch', () =>
  underKernels(KERNELS, () => {
    it('three steps of SGD: losses, parameters, running statistics, evaluation', async () => {
      const factor = gpu.tuner.force === 'winograd 4' ? COARSE : FACTOR;
      const golden = loadGolden('resnet-small');
      const network = createModel('resnet-small').to(gpu, 1);
      await fillByFormula(network);
      const x = input(golden.input);
      const y = tensor(gpu, golden.labels, [golden.labels.length], 'labels', 'u32');
      const { lr, momentum, nesterov, weightDecay } = golden.sgd;
      const optimizer = new Sgd(network.arena, { schedule: tensor(gpu, [lr], [1]), momentum, nesterov, weightDecay });
      const losses: number[] = [];
      for (let step = 0; step < 3; step++) {
        const loss = scope(() => {
          const loss = crossEntropy(network.forward(x, TRAIN), y);
          backward(loss);
          optimizer.step();
          return loss;
        });
        losses.push(await loss.item());
        loss.release();
      }
      expect(fullError(golden.losses, losses)).toBeLessThan(factor * golden.losses.f32);
      const state = await stateDict(network);
      expectSummaries(golden.parameters, (name) => state.get(name)!.data, factor);
      expectSummaries(golden.buffers, (name) => state.get(name)!.data, factor);
      const evaluated = noGrad(() => scope(() => network.forward(x, EVAL)));
      expect(fullError(golden.evalLogits, await evaluated.floats())).toBeLessThan(factor * golden.evalLogits.f32);
      for (const made of [evaluated, x, y, optimizer, network]) made.release();
    });
  }));

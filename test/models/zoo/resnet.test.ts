// The CIFAR ResNets against PyTorch: a whole forward and backward pass, and some steps of training.
import { describe, expect, it } from 'vitest';
import { createModel } from '../../../src/models/zoo/registry.ts';
import { EVAL, TRAIN } from '../../../src/nn/module.ts';
import { Sgd } from '../../../src/nn/optim/sgd.ts';
import { stateDict } from '../../../src/nn/state-dict.ts';
import { crossEntropy } from '../../../src/ops/loss/cross-entropy.ts';
import { backward, noGrad } from '../../../src/tensor/autograd.ts';
import { scope } from '../../../src/tensor/scope.ts';
import { tensor } from '../../../src/tensor/tensor.ts';
import { fullError, loadGolden } from '../../golden/golden.ts';
import { agreesWithTorch, FACTOR } from '../../support/backbone.ts';
import { gpu } from '../../support/gpu.ts';
import { KERNELS, underKernels } from '../../support/kernels.ts';
import { expectSummaries, fillByFormula, input } from '../../support/torch.ts';

/** F(4×4) has 94 times the rounding of a product where direct sums have 3: src/ops/conv/kernels/winograd.ts. */
const COARSE = (FACTOR * 94) / 3;

describe('resnet18 against PyTorch', () => underKernels(KERNELS, () => agreesWithTorch('resnet18')));
// Twice as many of the same blocks: under every kernel with ASTROGPU_FULL=1, else under the first.
describe('resnet34 against PyTorch', () =>
  underKernels(process.env.ASTROGPU_FULL ? KERNELS : KERNELS.slice(0, 1), () => agreesWithTorch('resnet34')));

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
      const optimizer = new Sgd(network.arena, { lr, momentum, nesterov, weightDecay });
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

// A backbone against PyTorch: one whole forward and backward pass in training, and one evaluation under the running statistics that it left.
import { expect, it } from 'vitest';
import { createModel } from '../../src/models/zoo/registry.ts';
import { EVAL, type Module, TRAIN } from '../../src/nn/module.ts';
import { loadStateDict, stateDict } from '../../src/nn/state-dict.ts';
import { crossEntropy } from '../../src/ops/loss/cross-entropy.ts';
import { backward, noGrad } from '../../src/tensor/autograd.ts';
import { keep, scope } from '../../src/tensor/scope.ts';
import { tensor } from '../../src/tensor/tensor.ts';
import { type Full, fullError, loadGolden, type Named, type Summary, summaryError } from '../golden/golden.ts';
import { gpu } from './gpu.ts';
import { expectSummaries, fillByFormula, gradientDict, input, toNchw } from './torch.ts';

/** Rounding in another order than torch's: our sums run in f32 like its own, so the error is a small multiple of its f32 run's. */
export const FACTOR = 20;
/** However large torch's own error is, ours must stay below this. */
const MOST = 1e-4;

export type Backbone =
  | 'resnet18'
  | 'resnet34'
  | 'densenet-bc-100-12'
  | 'vgg16'
  | 'resnet18-imagenet'
  | 'resnet34-imagenet'
  | 'resnet50-imagenet';

async function scale(network: Module, gains: Named<number>): Promise<void> {
  const dict = await stateDict(network);
  for (const [end, gain] of Object.entries(gains))
    for (const [name, { data }] of dict)
      if (name.endsWith(end))
        data.forEach((value, i) => {
          data[i] = value * gain;
        });
  loadStateDict(network, dict);
}

function expectLogits(golden: Full | Summary, values: Float32Array): void {
  const error = 'values' in golden ? fullError(golden, values) : summaryError('logits', golden, values);
  expect(error).toBeLessThan(Math.min(MOST, FACTOR * golden.f32));
}

/** Defines the test: logits, loss, the gradients that the golden has, running statistics and the evaluation's logits. */
export function agreesWithTorch(name: Backbone): void {
  it('logits, loss, gradients and running statistics', { timeout: 240_000 }, async () => {
    const golden = loadGolden(name);
    const network = createModel(name).to(gpu, 1);
    await fillByFormula(network);
    if (golden.gains) await scale(network, golden.gains);
    const x = input(golden.input);
    const y = tensor(gpu, golden.labels, [golden.labels.length], 'labels', 'u32');
    x.requiresGrad = golden.inputGradient !== undefined;
    const chosen = new Set<string>();
    gpu.tuner.observer = (_, name) => chosen.add(name);
    const { logits, loss } = scope(() => {
      const logits = network.forward(x, TRAIN);
      const kept = keep(logits.alias());
      const loss = crossEntropy(logits, y, { labelSmoothing: golden.labelSmoothing });
      backward(loss);
      return { logits: kept, loss };
    });
    gpu.tuner.observer = undefined;
    const values = await logits.floats();
    expectLogits(golden.logits, values);
    // Winograd rounds more than direct sums do: an image's cross-entropy changes by at most twice the largest change of its logits, and the mean of these by
    // at most their norm over √batch.
    const winograd = (2 * FACTOR * golden.logits.f32 * Math.hypot(...values)) / Math.sqrt(golden.labels.length);
    const allowed = [...chosen].some((name) => name.startsWith('winograd'))
      ? winograd
      : Math.max(5e-6, 1e-6 * golden.loss);
    expect(Math.abs((await loss.item()) - golden.loss)).toBeLessThan(allowed);
    const gradients = await gradientDict(network);
    const compare = (goldens: Named<Summary>, actual: (name: string) => ArrayLike<number>): void =>
      // F(4×4) rounds some times more than direct sums do.
      expectSummaries(goldens, actual, gpu.tuner.force === 'winograd 4' ? 2 * FACTOR : FACTOR, undefined, MOST);
    compare(golden.gradients, (parameter) => gradients.get(parameter)!);
    if (golden.inputGradient) {
      const gradient = await x.grad!.floats();
      compare({ input: golden.inputGradient }, () => toNchw(gradient, x.shape));
    }
    if (golden.buffers) {
      const state = await stateDict(network);
      compare(golden.buffers, (buffer) => state.get(buffer)!.data);
    }
    if (golden.evalLogits) {
      const evaluated = noGrad(() => scope(() => network.forward(x, EVAL)));
      expectLogits(golden.evalLogits, await evaluated.floats());
      evaluated.release();
    }
    for (const made of [x.grad, x, y, logits, loss, network]) made?.release();
  });
}

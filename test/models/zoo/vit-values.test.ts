// Vision transformers against PyTorch: logits, all gradients, and ten steps of AdamW.
import { describe, expect, it } from 'vitest';
import { networkParameters } from '../../../src/models/graph/cost.ts';
import { Network } from '../../../src/models/network.ts';
import { vit } from '../../../src/models/zoo/vit.ts';
import { EVAL, TRAIN } from '../../../src/nn/module.ts';
import { AdamW } from '../../../src/nn/optim/adam.ts';
import { NO_DECAY } from '../../../src/nn/optim/parameter-groups.ts';
import { stateDict } from '../../../src/nn/state-dict.ts';
import { crossEntropy } from '../../../src/ops/loss/cross-entropy.ts';
import { backward, noGrad } from '../../../src/tensor/autograd.ts';
import { keep, scope } from '../../../src/tensor/scope.ts';
import { type Tensor, tensor } from '../../../src/tensor/tensor.ts';
import { fullError, loadGolden, summaryError, type VitCase } from '../../golden/golden.ts';
import { gpu } from '../../support/gpu.ts';
import { expectSummaries, fillByFormula, gradientDict, input, toNchw } from '../../support/torch.ts';

/** Sums in another order than torch's, whose own f32 run this multiplies. */
const FACTOR = 20;
/** However large that is. */
const MOST = 1e-4;

const { cases, adamw } = loadGolden('vit');

/** The network of a case with its weights, images and labels. */
async function made(golden: VitCase): Promise<{ network: Network; x: Tensor; y: Tensor }> {
  const { side, patch, width, blocks, heads, classes, labels } = golden;
  const graph = vit({ model: golden.name, size: side, patch, width, blocks, heads, classes });
  expect(networkParameters(graph)).toBe(golden.parameterCount);
  const network = new Network(graph).to(gpu, 1);
  await fillByFormula(network);
  return { network, x: input(golden.input), y: tensor(gpu, labels, [labels.length], 'labels', 'u32') };
}

describe.each(cases)('$name', (golden) => {
  it('logits, loss and gradients', async () => {
    const { network, x, y } = await made(golden);
    x.requiresGrad = golden.keep;
    const run = (): { logits: Tensor; loss: Tensor } =>
      scope(() => {
        const logits = network.forward(x, golden.keep ? TRAIN : EVAL);
        const kept = keep(logits.alias());
        const loss = crossEntropy(logits, y, { labelSmoothing: golden.labelSmoothing });
        if (golden.keep) backward(loss);
        return { logits: kept, loss };
      });
    const { logits, loss } = golden.keep ? run() : noGrad(run);
    expect(summaryError('logits', golden.logits, await logits.floats())).toBeLessThan(
      Math.min(MOST, FACTOR * golden.logits.f32),
    );
    expect(Math.abs((await loss.item()) - golden.loss)).toBeLessThan(1e-6 * golden.loss);
    if (golden.gradients) {
      const gradients = await gradientDict(network);
      expect([...gradients.keys()]).toEqual(Object.keys(golden.gradients));
      expectSummaries(golden.gradients, (name) => gradients.get(name)!, FACTOR, undefined, MOST);
      const gradient = await x.grad!.floats();
      expectSummaries({ input: golden.inputGradient! }, () => toNchw(gradient, x.shape), FACTOR, undefined, MOST);
    }
    for (const one of [x.grad, x, y, logits, loss, network]) one?.release();
  });
});

// Whole networks at 224, which take some minutes and 2 GiB on two cores: ASTROGPU_FULL=1 npx vitest run test/models/zoo/vit-values.test.ts
it.skipIf(!process.env.ASTROGPU_FULL).each(loadGolden('vit-full').cases)(
  '$name, whole: logits, and a training step',
  { timeout: 600_000 },
  async (golden) => {
    const { network, x, y } = await made(golden);
    const logits = noGrad(() => scope(() => network.forward(x, EVAL)));
    const values = await logits.floats();
    expect(summaryError('logits', golden.logits, values)).toBeLessThan(Math.min(MOST, FACTOR * golden.logits.f32));
    const optimizer = new AdamW(network.arena, { lr: 0.001, weightDecay: 0.05, groups: [NO_DECAY], clipNorm: 1 });
    const losses = await descend(network, optimizer, x, y, 2);
    expect(losses[1]).toBeLessThan(losses[0] / 2);
    for (const one of [x, y, logits, optimizer, network]) one.release();
  },
);

/** Losses before each of so many steps on one batch. */
async function descend(network: Network, optimizer: AdamW, x: Tensor, y: Tensor, steps: number): Promise<number[]> {
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const loss = scope(() => {
      const loss = crossEntropy(network.forward(x, TRAIN), y);
      backward(loss);
      optimizer.step();
      return loss;
    });
    losses.push(await loss.item());
    loss.release();
  }
  return losses;
}

it('ten steps of AdamW, with decay on matrices only', async () => {
  const { network, x, y } = await made(cases.find(({ name }) => name === adamw.of)!);
  const optimizer = new AdamW(network.arena, { lr: adamw.lr, weightDecay: adamw.decay, groups: [NO_DECAY] });
  const losses = await descend(network, optimizer, x, y, adamw.steps);
  expect(fullError(adamw.losses, losses)).toBeLessThan(FACTOR * adamw.losses.f32);
  const state = await stateDict(network);
  expectSummaries(adamw.parameters, (name) => state.get(name)!.data, FACTOR);
  for (const one of [x, y, optimizer, network]) one.release();
});

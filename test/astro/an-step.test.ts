// A whole AN step through features, AN, U, gates, network, penalty and Adam, against PyTorch.
import { describe, expect, it } from 'vitest';
import { Astrocyte } from '../../src/astro/astrocyte.ts';
import { GateLayout } from '../../src/astro/gate-layout.ts';
import { Regulator } from '../../src/astro/regulation.ts';
import { BATCH_STATS } from '../../src/nn/module.ts';
import { Adam } from '../../src/nn/optim/adam.ts';
import { stateDict } from '../../src/nn/state-dict.ts';
import { readGates } from '../../src/prune/count.ts';
import { frozen } from '../../src/tensor/autograd.ts';
import { scope } from '../../src/tensor/scope.ts';
import { tensor } from '../../src/tensor/tensor.ts';
import { RunningMetrics } from '../../src/train/stages/running-metrics.ts';
import { anUpdate, taskLoss } from '../../src/train/stages/updates.ts';
import { sampleIndices } from '../golden/formula.ts';
import { formulaTensor, fullError, loadGolden } from '../golden/golden.ts';
import { gpu } from '../support/gpu.ts';
import { KERNELS, underKernels } from '../support/kernels.ts';
import { tinyNet } from '../support/tiny-net.ts';
import { expectSummaries, fillByFormula, gradientDict, input } from '../support/torch.ts';

/** Our f32 rounds in another order than torch's f32, whose error each golden states. */
const FACTOR = 20;

describe('AN step', () => {
  underKernels(KERNELS, () => {
    it('features, gates, e, loss, gradients and Adam', async () => {
      const golden = loadGolden('an-step');
      const network = tinyNet().to(gpu, 1);
      await fillByFormula(network);
      const astrocyte = new Astrocyte().to(gpu, 1);
      const bare = (name: string): string => name.replace(/^network\./, '');
      await fillByFormula(astrocyte, bare);
      astrocyte.u.weight.tensor.set([1]);
      astrocyte.u.bias.tensor.set([0]);
      const layout = new GateLayout(network, 'connection');
      const regulator = new Regulator(gpu, layout, astrocyte, {
        T: 2,
        mode: 'replace',
        feature: 'max',
        absolute: false,
        norm: 'mean',
        backpropThroughGates: false,
      });
      expect(layout.maps.map(({ batch }) => batch)).toEqual([0, 1, 2]);
      // The state that iteration 1 would have left.
      const previous = layout.entries.flatMap(({ name }) => [...formulaTensor(golden.previousGates[name])]);
      for (const name of ['gate', 'previous']) regulator.state().get(name)!.set(previous);
      regulator.errors[0].set([golden.ePrevious]);

      const metrics = new RunningMetrics(gpu);
      const { lr, beta1, beta2, eps } = golden.adam;
      const optimizer = new Adam(astrocyte.arena, { lr, beta1, beta2, eps });
      const batch = { x: input(golden.input), y: tensor(gpu, golden.labels, [golden.labels.length], 'labels', 'u32') };
      scope(() => {
        const regulated = frozen(network.arena.tensors.values(), () => regulator.iterate(2));
        const result = {
          t: 2,
          p: regulated.p.detach(),
          gate: regulated.gate.detach(),
          e: regulated.e.detach(),
        };
        const penalty = { lambda: golden.lambda, sparsityWeight: 0 };
        anUpdate({ optimizer, metrics }, taskLoss(network, batch, BATCH_STATS, {}), penalty, regulator, regulated);
        regulator.commit(result);
      });

      const gates = await readGates(layout, regulator.gate);
      for (const [name, map] of Object.entries(golden.gates))
        expect(fullError(map, gates.get(name)!), name).toBeLessThan(FACTOR * map.f32);
      expect(await regulator.errors[1].item()).toBeCloseTo(golden.e, 5);
      expect((await metrics.read()).loss).toBeCloseTo(golden.loss, 5);
      const actual = await gradientDict(astrocyte);
      expectSummaries(
        golden.gradients,
        (name) => actual.get(name.startsWith('u.') ? name : `network.${name}`)!,
        FACTOR,
        2e-5,
      );
      // Adam's first step is lr·g/(|g| + eps) ≈ ±lr: compared where the gradient is clear of rounding, to a hundredth of the step.
      const after = await stateDict(astrocyte);
      let compared = 0;
      for (const [name, { samples }] of Object.entries(golden.parametersAfter)) {
        const { data } = after.get(name.startsWith('u.') ? name : `network.${name}`)!;
        const gradient = golden.gradients[name];
        sampleIndices(name, data.length).forEach((at, i) => {
          if (Math.abs(gradient.samples[i]) < 1e-2 * gradient.max || gradient.max < 1e-7) return;
          compared++;
          expect(Math.abs(data[at] - samples[i]), `${name}[${at}]`).toBeLessThan(lr / 100);
        });
      }
      expect(compared).toBeGreaterThan(200);
      for (const made of [batch.x, batch.y, optimizer, metrics, regulator, astrocyte, network]) made.release();
    });
  });
});

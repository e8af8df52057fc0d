// A small detector against PyTorch: everything that it gives in training, the gradients of all that is trained, and the running statistics of the mask branch.
import { expect, it } from 'vitest';
import { BoxInst } from '../../../src/detect/model/box-inst.ts';
import { TRAIN } from '../../../src/nn/module.ts';
import { stateDict } from '../../../src/nn/state-dict.ts';
import { add, mul } from '../../../src/ops/arithmetic/binary.ts';
import { sum } from '../../../src/ops/reduce/sum.ts';
import { backward } from '../../../src/tensor/autograd.ts';
import { keep, scope } from '../../../src/tensor/scope.ts';
import { formulaUniform } from '../../golden/formula.ts';
import { loadGolden } from '../../golden/golden.ts';
import { fillDetector, goldenOptions } from '../../support/detector.ts';
import { gpu, on } from '../../support/gpu.ts';
import { expectSummaries, gradientDict, input } from '../../support/torch.ts';

/** Sums in another order than torch's, whose own f32 run this multiplies. */
const FACTOR = 20;
const MOST = 1e-4;

it('outputs, gradients and running statistics', async () => {
  const golden = loadGolden('detector');
  const detector = new BoxInst(goldenOptions(golden.config)).to(gpu, 1);
  expect(detector.parameterCount()).toBe(golden.parameterCount);
  await fillDetector(detector);
  const x = input(golden.input);
  const kept = scope(() => {
    const { levels: _, ...outputs } = detector.forward(x, TRAIN);
    const weighted = Object.entries(outputs).map(([name, value]) =>
      sum(mul(value, on(formulaUniform(`d${name}`, value.shape), value.shape))),
    );
    const seen = new Map(Object.entries(outputs).map(([name, value]) => [name, keep(value.alias())]));
    backward(weighted.reduce((all, one) => add(all, one)));
    return seen;
  });
  const values = new Map<string, Float32Array>();
  for (const [name, tensor] of kept) values.set(name, await tensor.floats());
  expectSummaries(golden.outputs, (name) => values.get(name)!, FACTOR, undefined, MOST);
  const gradients = await gradientDict(detector);
  expect([...gradients.keys()].sort()).toEqual(Object.keys(golden.gradients).sort());
  expectSummaries(golden.gradients, (name) => gradients.get(name)!, FACTOR, undefined, MOST);
  const state = await stateDict(detector);
  expectSummaries(golden.buffers, (name) => state.get(name)!.data, FACTOR, undefined, MOST);
  for (const tensor of [x, ...kept.values(), detector]) tensor.release();
});

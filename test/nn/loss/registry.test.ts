// Losses by name: the ones that come along are their ops, one can be added and taken out again, and another name is refused.
import { expect, it } from 'vitest';
import { AstroError } from '../../../src/gpu/device/errors.ts';
import { addLoss, createLoss, lossNames } from '../../../src/nn/loss/registry.ts';
import { crossEntropy } from '../../../src/ops/loss/cross-entropy.ts';
import { focalLoss } from '../../../src/ops/loss/focal.ts';
import { scope } from '../../../src/tensor/scope.ts';
import { TensorError } from '../../../src/tensor/tensor.ts';
import { on } from '../../support/gpu.ts';
import { values } from '../../support/random.ts';

const logits = on(values(3, 40), [8, 5]);
const labels = on([0, 1, 2, 3, 4, 0, 1, 2], [8], 'u32');

it.each([
  ['cross-entropy', crossEntropy],
  ['focal', focalLoss],
] as const)('%s is its op, to the bit, with and without smoothing', async (name, op) => {
  expect(lossNames).toContain(name);
  expect(await createLoss(name)(logits, labels).item()).toBe(await op(logits, labels).item());
  const options = { labelSmoothing: 0.2 };
  expect(await createLoss(name, options)(logits, labels).item()).toBe(await op(logits, labels, options).item());
});

it.each(lossNames)('%s is f32 [1], and refuses what is no logits', (name) =>
  scope(() => {
    const { shape, dtype } = createLoss(name)(logits, labels);
    expect([shape, dtype]).toEqual([[1], 'f32']);
    expect(() => createLoss(name)(labels, labels)).toThrow(TensorError);
  }),
);

it('one that was added is there until it is taken out', () => {
  const remove = addLoss('tilted', crossEntropy);
  expect(() => addLoss('tilted', focalLoss)).toThrow('there is a loss "tilted" already; take another name');
  expect(() => createLoss('mse')).toThrow(`there is no loss "mse"; there are ${[...lossNames, 'tilted'].join(', ')}`);
  expect(createLoss('tilted')).toBeTypeOf('function');
  remove();
  expect(() => createLoss('tilted')).toThrow(AstroError);
  expect(() => createLoss('tilted')).toThrow(`there is no loss "tilted"; there are ${lossNames.join(', ')}`);
});

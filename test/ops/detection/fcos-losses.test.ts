// FCOS's losses and gradients against float64 and against AdelaiDet's own: odd sizes, f16, locations that do not count, images without objects, the same bits each time.
import { expect, it } from 'vitest';
import { add, mul } from '../../../src/ops/arithmetic/binary.ts';
import { type FcosLosses, fcosLosses } from '../../../src/ops/detection/fcos-losses.ts';
import { fcosTargets } from '../../../src/ops/detection/fcos-targets.ts';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import { backward } from '../../../src/tensor/autograd.ts';
import { scope } from '../../../src/tensor/scope.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import { checkOp, relativeError } from '../../support/check.ts';
import { fcosGolden, lossesOf, NONE } from '../../support/fcos.ts';
import { gpu, on } from '../../support/gpu.ts';
import { generator, values, whole } from '../../support/random.ts';

interface Drawn {
  labels: number[];
  wanted: Float32Array;
  inputs: { shape: number[]; values: Float32Array }[];
}

/** Labels of which a third are classes, a tenth count nowhere; sides from 0.2 to 6 strides. */
function drawn(images: number, locations: number, classes: number): Drawn {
  const rows = images * locations;
  const next = generator(rows + classes);
  const labels = Array.from({ length: rows }, () =>
    next() < 0.1 ? NONE : next() < 0.35 ? whole(next, 0, classes - 1) : classes,
  );
  const sides = (): Float32Array => Float32Array.from({ length: 4 * rows }, () => 0.2 + 5.8 * next());
  const logits = values(classes, rows * classes).map((v) => 6 * v - 2);
  return {
    labels,
    wanted: sides(),
    inputs: [
      { shape: [images, locations, classes], values: logits },
      { shape: [images, locations, 4], values: sides() },
      { shape: [images, locations], values: values(classes + 1, rows).map((v) => 3 * v) },
    ],
  };
}

const targetsFor = ({ labels, wanted, inputs }: Drawn) => {
  const sides = inputs[2].shape;
  return { labels: on(labels, sides, 'u32'), regression: on(wanted, [...sides, 4]), objects: on(labels, sides, 'u32') };
};
const outputsFrom = ([logits, regression, centerness]: Tensor[]) => ({ logits, regression, centerness });
const NAMES = ['classification', 'location', 'centerness'] as const;

/** The losses, which backward would free, and gradients in their inputs of the sum of all. */
function pulled(inputs: Tensor[], targets: Parameters<typeof fcosLosses>[1]): FcosLosses {
  const made = fcosLosses(outputsFrom(inputs), targets);
  const [classification, location, centerness] = NAMES.map((name) => made[name].detach());
  backward(add(add(made.classification, made.location), made.centerness));
  return { classification, location, centerness };
}

const run = (inputs: Drawn['inputs'], targets: Parameters<typeof fcosLosses>[1]): [FcosLosses, Tensor[]] => {
  const made = inputs.map(({ shape, values }) => on(values, shape));
  for (const one of made) one.requiresGrad = true;
  return [scope(() => pulled(made, targets)), made];
};

it.each([
  [1, 1, 1],
  [2, 7, 5],
  [3, 43, 80],
  [1, 67, 81],
  [2, 3, 301],
])('%i images, %i locations, %i classes', async (images, locations, classes) => {
  const all = drawn(images, locations, classes);
  const targets = targetsFor(all);
  for (const [i, name] of NAMES.entries())
    await checkOp({
      inputs: all.inputs,
      op: (inputs) => fcosLosses(outputsFrom(inputs), targets)[name],
      reference: (inputs) =>
        Float64Array.of(lossesOf(inputs, { labels: all.labels, regression: [...all.wanted] }, classes)[i]),
    });
});

it('their gradients come together, each by its own factor, for another alpha and gamma', async () => {
  const all = drawn(2, 31, 3);
  const targets = targetsFor(all);
  const options = { alpha: 0.6, gamma: 1.5 };
  await checkOp({
    inputs: all.inputs,
    op: (inputs) => {
      const { classification, location, centerness } = fcosLosses(outputsFrom(inputs), targets, options);
      return add(add(mul(classification, 0.5), mul(location, 3)), centerness);
    },
    reference: (inputs) => {
      const [a, b, c] = lossesOf(inputs, { labels: all.labels, regression: [...all.wanted] }, 3, options);
      return Float64Array.of(0.5 * a + 3 * b + c);
    },
  });
});

it.skipIf(!gpu.capabilities.f16)('of f16 are f32, of what f16 holds', async () => {
  const all = drawn(2, 19, 6);
  const targets = targetsFor(all);
  const made = all.inputs.map(({ shape, values }) => cast(on(values, shape), 'f16'));
  const held = await Promise.all(made.map((one) => one.floats()));
  for (const one of made) one.requiresGrad = true;
  const whole = held.map((values, i) => on(values, all.inputs[i].shape));
  for (const one of whole) one.requiresGrad = true;
  const run = (inputs: Tensor[]): Promise<number[]> => {
    const losses = scope(() => pulled(inputs, targets));
    return Promise.all(NAMES.map((name) => losses[name].item()));
  };
  expect(await run(made)).toEqual(await run(whole));
  for (const [i, one] of made.entries())
    expect(relativeError(await one.grad!.floats(), await whole[i].grad!.floats(), 1e-3)).toBeLessThanOrEqual(1e-3);
});

it('without an object only classes cost, and nothing else has a gradient', async () => {
  const all = drawn(2, 9, 4);
  all.labels = all.labels.map((label) => (label === NONE ? NONE : 4));
  const [losses, made] = run(all.inputs, targetsFor(all));
  const [expected] = lossesOf(
    all.inputs.map(({ values }) => values),
    { labels: all.labels, regression: [...all.wanted] },
    4,
  );
  expect(await losses.classification.item()).toBeCloseTo(expected, 5);
  expect([await losses.location.item(), await losses.centerness.item()]).toEqual([0, 0]);
  for (const one of made.slice(1)) expect((await one.grad!.floats()).every((v) => v === 0)).toBe(true);
});

it('logits without an end cost what they must, and leave finite gradients where the answer is right', async () => {
  const all = drawn(1, 4, 2);
  all.labels = [0, 0, 2, 2];
  const { POSITIVE_INFINITY: up, NEGATIVE_INFINITY: down } = Number;
  all.inputs[0].values.set([up, down, 1e38, -1e38, down, -1e38, down, down]);
  const [losses, made] = run(all.inputs, targetsFor(all));
  expect(await losses.classification.item()).toBe(0);
  expect([...(await made[0].grad!.floats())].map(Math.abs)).toEqual(new Array(8).fill(0));
  all.inputs[0].values.set([down, down, 1, 1, 1, 1, 1, 1]);
  const [wrong, [logits]] = run(all.inputs, targetsFor(all));
  expect(await wrong.classification.item()).toBe(up);
  expect((await logits.grad!.floats())[0]).toBeCloseTo(-0.25 / 2, 6);
});

it('equal the original', async () => {
  const { boxes, classes, levels, classCount, losses: expected, outputs, known } = fcosGolden();
  const [losses, made] = run(outputs, fcosTargets(boxes, classes, { levels, classCount }));
  for (const [i, name] of NAMES.entries())
    expect(Math.abs((await losses[name].item()) - expected[i]) / expected[i], name).toBeLessThanOrEqual(2e-6);
  for (const [i, { at, gradient }] of known.entries()) {
    const actual = await made[i].grad!.floats();
    // By the largest gradient; f32 keeps six digits of it.
    expect(
      relativeError(
        at.map((place) => actual[place]),
        gradient,
        1e-9,
      ),
      NAMES[i],
    ).toBeLessThanOrEqual(2e-6);
  }
});

it('captured, they have the same bits at every replay', async () => {
  const all = drawn(3, 211, 7);
  const targets = targetsFor(all);
  const [first, made] = run(all.inputs, targets);
  const bits = async (losses: FcosLosses, inputs: Tensor[]): Promise<number[]> => [
    ...(await Promise.all(NAMES.map((name) => losses[name].item()))),
    ...(await Promise.all(inputs.map((one) => one.grad!.floats()))).flatMap((list) => [...list]),
  ];
  const expected = await bits(first, made);
  let losses: FcosLosses | undefined;
  const program = gpu.capture('losses', () => {
    losses = scope(() => pulled(made, targets));
  });
  for (let i = 0; i < 2; i++) {
    program.replay();
    expect(await bits(losses!, made)).toEqual(expected);
  }
  program.dispose();
});

it('what does not fit is refused by name', () => {
  const all = drawn(2, 5, 3);
  const targets = targetsFor(all);
  const made = all.inputs.map(({ shape, values }) => on(values, shape));
  const outputs = outputsFrom(made);
  expect(() => fcosLosses({ ...outputs, logits: made[2] }, targets)).toThrow(
    'fcosLosses: input [2×5] must be logits [N×L×C]',
  );
  expect(() => fcosLosses({ ...outputs, regression: made[2] }, targets)).toThrow(
    'fcosLosses: input [2×5] must be sides of boxes [N×L×4], [2×5×4] here',
  );
  expect(() => fcosLosses(outputs, { ...targets, labels: made[2] })).toThrow(
    'fcosLosses: input [2×5] is f32, it must be u32',
  );
  expect(() => fcosLosses(outputs, targets, { alpha: 2 })).toThrow('fcosLosses: alpha is 2, it must be from 0 to 1');
});

// Which locations are chosen, against the definition: many objects and few, ties, odd sizes, scores that are no number.
import { expect, it } from 'vitest';
import { selectInstances } from '../../../src/ops/detection/select-instances.ts';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import { scope } from '../../../src/tensor/scope.ts';
import { chosenOf, NONE } from '../../support/fcos.ts';
import { gpu, on } from '../../support/gpu.ts';
import { generator, values, whole } from '../../support/random.ts';

interface Case {
  images: number;
  locations: number;
  classes: number;
  objects: number;
  /** Share of locations that have one. */
  share: number;
  perImage: number;
}

function drawn({ images, locations, classes, objects, share }: Case) {
  const next = generator(locations + objects);
  return {
    objects: Array.from({ length: images * locations }, () => (next() < share ? whole(next, 0, objects - 1) : NONE)),
    // Few different values, so that scores are often equal, and far enough apart that f32 orders them as float64 does.
    logits: values(classes, images * locations * classes).map((v) => Math.round(v * 8) / 4),
    centerness: values(locations, images * locations).map((v) => Math.round(v * 4) / 4),
  };
}

const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));

function expected(data: ReturnType<typeof drawn>, { images, locations, classes, perImage }: Case) {
  const filled = (list: number[]): number[] => [...list, ...new Array<number>(perImage - list.length).fill(NONE)];
  const lists = Array.from({ length: images }, (_, n) => {
    const objects = data.objects.slice(n * locations, (n + 1) * locations);
    const scores = objects.map((_, l) => {
      const row = n * locations + l;
      // Equal in f32 is equal here.
      return Math.fround(
        sigmoid(Math.max(...data.logits.slice(row * classes, (row + 1) * classes))) * sigmoid(data.centerness[row]),
      );
    });
    return chosenOf(objects, scores, perImage);
  });
  return {
    locations: lists.flatMap((list) => filled(list.map(({ location }) => location))),
    objects: lists.flatMap((list) => filled(list.map(({ object }) => object))),
  };
}

const onGpu = (data: ReturnType<typeof drawn>, { images, locations, classes }: Case) =>
  [
    { objects: on(data.objects, [images, locations], 'u32') },
    on(data.logits, [images, locations, classes]),
    on(data.centerness, [images, locations]),
  ] as const;

const read = async (chosen: ReturnType<typeof selectInstances>) => ({
  locations: [...(await chosen.locations.data())],
  objects: [...(await chosen.objects.data())],
});

const CASES: Case[] = [
  { images: 2, locations: 300, classes: 5, objects: 4, share: 0.3, perImage: 64 },
  { images: 3, locations: 131, classes: 1, objects: 7, share: 0.5, perImage: 10 },
  { images: 1, locations: 500, classes: 3, objects: 100, share: 0.9, perImage: 64 },
  { images: 2, locations: 40, classes: 80, objects: 1, share: 1, perImage: 64 },
  { images: 2, locations: 65, classes: 2, objects: 3, share: 0.05, perImage: 1 },
  { images: 4, locations: 1, classes: 7, objects: 1, share: 0.5, perImage: 3 },
];

it.each(CASES)('$perImage of $locations locations for $objects objects in $images images', async (one) => {
  const data = drawn(one);
  const inputs = onGpu(data, one);
  const chosen = await read(selectInstances(...inputs, one));
  expect(chosen).toEqual(expected(data, one));
  if (gpu.capabilities.f16) {
    const [targets, ...outputs] = inputs;
    const [logits, centerness] = outputs.map((output) => cast(output, 'f16'));
    expect(await read(selectInstances(targets, logits, centerness, one))).toEqual(chosen);
  }
});

it('without an object nothing is chosen', async () => {
  const one = { ...CASES[0], share: 0 };
  const chosen = await read(selectInstances(...onGpu(drawn(one), one)));
  expect(chosen).toEqual({ locations: new Array(128).fill(NONE), objects: new Array(128).fill(NONE) });
});

it('NaN is the best score, wherever it stands, and infinities are the ends', async () => {
  const { NaN: odd, POSITIVE_INFINITY: up, NEGATIVE_INFINITY: down } = Number;
  const logits = [down, down, 3, 1, odd, -9, up, 0, 2, 2];
  const centerness = [9, 0, 0, 0, odd];
  const chosen = selectInstances(
    { objects: on([0, 0, 0, 0, 0], [1, 5], 'u32') },
    on(logits, [1, 5, 2]),
    on(centerness, [1, 5]),
  );
  expect((await read(chosen)).locations.slice(0, 6)).toEqual([2, 4, 3, 1, 0, NONE]);
});

it('captured, it chooses anew from what outputs are then, the same each time', async () => {
  const one = CASES[0];
  const [first, second] = [drawn(one), drawn({ ...one, objects: 9 })];
  const [targets, logits, centerness] = onGpu(first, one);
  let chosen: ReturnType<typeof selectInstances> | undefined;
  const program = gpu.capture('choice', () => {
    chosen = scope(() => selectInstances(targets, logits, centerness));
  });
  targets.objects.set(second.objects);
  logits.set(second.logits);
  centerness.set(second.centerness);
  for (let i = 0; i < 3; i++) {
    program.replay();
    expect(await read(chosen!)).toEqual(expected(second, one));
  }
  program.dispose();
});

it('what does not fit is refused by name', () => {
  const [targets, logits, centerness] = onGpu(drawn(CASES[0]), CASES[0]);
  expect(() => selectInstances(targets, centerness, centerness)).toThrow(
    'selectInstances: input [2×300] must be logits [N×L×C]',
  );
  expect(() => selectInstances({ objects: centerness }, logits, centerness)).toThrow(
    'selectInstances: input [2×300] is f32, it must be u32',
  );
  expect(() => selectInstances(targets, logits, centerness, { perImage: 0 })).toThrow(
    'selectInstances: perImage is 0, it must be a whole number from 1',
  );
});

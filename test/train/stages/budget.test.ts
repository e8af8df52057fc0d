// Budgets of parameters, operations and time: the largest structure that fits, by costs that add up and by halving, kept over a resumption, and what is refused.
import { afterAll, describe, expect, it } from 'vitest';
import { GateCut } from '../../../src/astro/gate-cut.ts';
import { GateLayout } from '../../../src/astro/gate-layout.ts';
import { OpenGates } from '../../../src/astro/open-gates.ts';
import { networkCost } from '../../../src/models/graph/cost.ts';
import type { Graph } from '../../../src/models/graph/graph.ts';
import { kindOf } from '../../../src/models/kinds/index.ts';
import { Network } from '../../../src/models/network.ts';
import { resnet } from '../../../src/models/zoo/resnet.ts';
import { vgg } from '../../../src/models/zoo/vgg.ts';
import { countParameters, readGates, structuralGraph } from '../../../src/prune/count.ts';
import type { GateKind } from '../../../src/prune/gates.ts';
import { scope } from '../../../src/tensor/scope.ts';
import { checkCut, configure } from '../../../src/train/config.ts';
import { budgetOf, findPart, type Staying } from '../../../src/train/stages/budget.ts';
import { cutGates } from '../../../src/train/stages/guided-steps.ts';
import { gpu } from '../../support/gpu.ts';
import { guideStage } from '../../support/training.ts';

const graph = resnet({ model: 'tiny', blocks: [1, 1], widths: [6, 9], classes: 10, stem: 'cifar' });
const network = new Network(graph).to(gpu, 3);
afterAll(() => network.release());
const SIZE = 16;

const gatesOf = (kind: GateKind, except: string[] = []): OpenGates =>
  new OpenGates(gpu, new GateLayout(network, kind, except));

/** What is left under a budget. */
async function left(gates: OpenGates, given: Staying, ranking: 'network' | 'layer' | 'strength' = 'strength') {
  const { layout } = gates;
  const budget = budgetOf(given, { layout, size: SIZE });
  await cutGates(gates, { threshold: 0.5, ranking, budget });
  return { layout, values: await readGates(layout, gates.gate) };
}

describe.each([0.8, 0.5, 0.3])('connections, %f of the network', (target) => {
  it('parameters that are kept are within the target, and no kernel short of it', async () => {
    for (const ranking of ['network', 'strength'] as const) {
      const gates = gatesOf('connection', ['conv1', 'fc']);
      const { layout, values } = await left(gates, { targetParams: target }, ranking);
      const { kept, total } = countParameters(network, layout, values);
      expect(kept).toBeLessThanOrEqual(target * total);
      expect(kept).toBeGreaterThan(target * total - 10);
      gates.release();
    }
  });

  it('operations that are kept are within the target', async () => {
    const gates = gatesOf('connection');
    const { values } = await left(gates, { targetFlops: target });
    const { nodes, macs: all } = networkCost(graph, SIZE);
    const layers = graph.nodes.flatMap((node, i) => {
      const connections = kindOf(node).connections?.(node);
      return connections ? [{ ...connections, macs: nodes[i].macs }] : [];
    });
    let [kept, largest] = [0, 0];
    for (const { layer, inputs, outputs, macs } of layers) {
      const each = macs / (inputs * outputs);
      largest = Math.max(largest, each);
      kept += each * values.get(layer)!.filter((gate) => gate !== 0).length;
    }
    expect(kept).toBeLessThanOrEqual(target * all);
    expect(kept).toBeGreaterThan(target * all - largest);
    gates.release();
  });
});

describe.each(['filter', 'channel'] as const)('%s gates', (kind) => {
  const measures: [keyof Staying, (of: Graph) => number][] = [
    ['targetParams', (of) => networkCost(of, SIZE).parameters],
    ['targetFlops', (of) => networkCost(of, SIZE).macs],
  ];

  it.each(measures)('%s: the network left is the largest within it', async (field, cost) => {
    const gates = gatesOf(kind, ['fc']);
    const { layout } = gates;
    const budget = budgetOf({ [field]: 0.6 }, { layout, size: SIZE })!;
    const cut = new GateCut(gates, { ranking: 'strength' });
    scope(() => gates.regulate());
    const part = await findPart(gates, cut, budget);
    const at = async (kept: number): Promise<number> => {
      cut.keep(kept);
      const made = cut.made();
      const size = cost(structuralGraph(graph, layout, await readGates(layout, made))!) / cost(graph);
      made.release();
      return size;
    };
    expect(await at(part)).toBeLessThanOrEqual(0.6);
    expect(await at(part + 1 / layout.total)).toBeGreaterThan(0.6);
    for (const owned of [cut, gates]) owned.release();
  });
});

it('all of it is no cut, and more is not asked for', async () => {
  for (const [kind, field] of [
    ['connection', 'targetParams'],
    ['filter', 'targetFlops'],
  ] as const) {
    const gates = gatesOf(kind);
    const { values } = await left(gates, { [field]: 1 });
    for (const gate of [...values.values()].flatMap((list) => [...list])) expect(gate).toBe(1);
    gates.release();
  }
});

describe('what has no gates and exceeds the target is refused with figures', () => {
  it.each([
    [
      'connection',
      { targetParams: 0.1 },
      /^targetParams 0\.1: of \d+ parameters \d+ stay whatever is cut, 0\.\d+ of all; gate more layers/,
    ],
    [
      'connection',
      { targetFlops: 0.1 },
      /^targetFlops 0\.1: of \d+ multiplications for an image \d+ stay whatever is cut/,
    ],
    ['filter', { targetParams: 0.1 }, /^targetParams 0\.1: of \d+ parameters \d+ stay whatever is cut/],
  ] as const)('%s %j', (kind, given, message) => {
    const gates = gatesOf(kind, ['conv1', 'layer2.0.conv1', 'layer2.0.conv2', 'layer2.0.downsample.0', 'fc']);
    expect(() => budgetOf(given, { layout: gates.layout, size: SIZE })).toThrow(message);
    gates.release();
  });
});

describe('a chain, which no image gets through without each of its layers', () => {
  const chain = new Network(vgg({ model: 'chain', stages: [[8], [8, 8]], classes: 10 })).to(gpu, 3);
  afterAll(() => chain.release());
  const open = (group = 0) => new OpenGates(gpu, new GateLayout(chain, 'filter', ['classifier'], group));

  it('has a least network of one gate a layer, and less than that is refused at once', () => {
    for (const group of [0, 4]) {
      const gates = open(group);
      const { layout } = gates;
      const channels = Math.max(1, group);
      const of = networkCost(
        vgg({ model: 'chain', stages: [[channels], [channels, channels]], classes: 10 }),
      ).parameters;
      const whole = networkCost(chain.graph).parameters;
      const message = `targetParams 0.02: of ${whole} parameters ${of} stay whatever is cut`;
      expect(() => budgetOf({ targetParams: 0.02 }, { layout, size: SIZE })).toThrow(message);
      expect(budgetOf({ targetParams: 1.001 * (of / whole) }, { layout, size: SIZE })!.search).toBeDefined();
      gates.release();
    }
  });

  it('says how small it can be by an order of gates that leaves no image through', async () => {
    // The filters of the second convolution are the smallest, and go first.
    const weight = chain.arena.tensors.get('features.4.weight')!;
    weight.set((await weight.floats()).map((w) => 1e-4 * w));
    const gates = open();
    const { layout } = gates;
    const search = budgetOf({ targetParams: 0.3 }, { layout, found: 'a/astrocyte.safetensors' });
    const failure = cutGates(gates, { threshold: 0.5, ranking: 'strength', budget: search });
    await expect(failure).rejects.toThrow(
      /^targetParams 0\.3: by this order of gates the smallest network that an image gets through has 0\.\d{3} of the parameters; take that or more, .* a new run, which need not search again: astrocyte a\/astrocyte.safetensors$/,
    );
    const least = Number(/has (\S+) of/.exec(await failure.catch(({ message }) => message))![1]);
    const { values } = await left(gates, { targetParams: least });
    expect(structuralGraph(chain.graph, layout, values)).toBeDefined();
    gates.release();
  });
});

describe('a budget of time', () => {
  /** As if a network took as long as it has parameters. */
  const timed = () => {
    let tries = 0;
    const whole = networkCost(graph).parameters;
    const timeOf = async (of: Graph): Promise<number> => {
      tries++;
      return networkCost(of).parameters / whole;
    };
    return { timeOf, tries: () => tries };
  };
  const stageOf = (timeOf: (of: Graph) => Promise<number>) =>
    guideStage({ regulated: true, graph, gate: 'filter', targetTime: 0.7, fall: 0.25, timeOf });

  it('is measured when the fall begins and when it ends, and is part of what is saved', async () => {
    const { timeOf, tries } = timed();
    const { stage, release } = stageOf(timeOf);
    for (let i = 0; i < 3; i++) await stage.step(i);
    const found = await stage.tensors().get('budget.part')!.item();
    const first = tries();
    expect(found).toBeGreaterThan(0);
    expect(first).toBeLessThanOrEqual(6);
    for (let i = 3; i < 6; i++) await stage.step(i);
    expect(tries()).toBe(first);
    await stage.step(6);
    expect(tries()).toBeGreaterThan(first);
    const { layout, gate } = stage.regulator!;
    const smaller = structuralGraph(graph, layout, await readGates(layout, gate), 4)!;
    expect(networkCost(smaller).parameters).toBeLessThanOrEqual(0.7 * networkCost(graph).parameters);
    release();
  });

  it('that was found before is not measured again', async () => {
    const { timeOf, tries } = timed();
    const { stage, release } = stageOf(timeOf);
    stage.tensors().get('budget.part')!.set([0.5]);
    await stage.step(4);
    expect(tries()).toBe(0);
    release();
  });

  it('is refused for connections, and two budgets for anything', () => {
    const check = (given: Parameters<typeof configure>[0]) => (): void =>
      checkCut(configure(given, { software: true, available: { train: 100, test: 100 } }));
    expect(check({ targetTime: 0.5 })).toThrow('targetTime 0.5: connections that are cut lie scattered');
    check({ targetTime: 0.5, gate: 'filter', fall: 0.1, arms: ['magnitude'] })();
    expect(check({ targetParams: 0.5, targetFlops: 0.6 })).toThrow(
      'targetFlops 0.6 and targetParams 0.5 both say how much stays: take one',
    );
  });
});

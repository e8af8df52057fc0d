// A graph against itself: what is said of its nodes' shapes and parameters is what the network has, and gates, compaction and export leave its values as they are.
// For every kind of node, one of one's own too.
import { expect, it } from 'vitest';
import { GateLayout } from '../../src/astro/gate-layout.ts';
import { toOnnx } from '../../src/export/onnx/onnx.ts';
import { networkCost, networkParameters } from '../../src/models/graph/cost.ts';
import { channelsOf, extentsOf, type Graph, outputsOf, sourcesOf } from '../../src/models/graph/graph.ts';
import { layersOf } from '../../src/models/graph/layers.ts';
import { Network } from '../../src/models/network.ts';
import { EVAL } from '../../src/nn/module.ts';
import { loadStateDict, type StateTensor } from '../../src/nn/state-dict.ts';
import { compact } from '../../src/prune/compact.ts';
import { countParameters, survivalOf } from '../../src/prune/count.ts';
import { deadChannelMasks, silenced } from '../../src/prune/dead-channels.ts';
import { foldGates } from '../../src/prune/fold.ts';
import type { GateKind } from '../../src/prune/gates.ts';
import { noGrad } from '../../src/tensor/autograd.ts';
import { scope } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { distance } from './check.ts';
import { gpu, on } from './gpu.ts';
import { type Images, onnxValues, randomState } from './onnx.ts';
import { generator, values } from './random.ts';

/** Both sides compute in f32 and sum in other orders: 1e-7 a layer. */
const TOLERANCE = 1e-5;
const COUNT = 2;

type Dict = ReadonlyMap<string, StateTensor>;

/** Images for each source. */
export function imagesFor(graph: Graph, seed: number): Record<string, Images> {
  const [channels, extents] = [channelsOf(graph), extentsOf(graph)];
  const of = (name: string, i: number): Images => {
    const shape = [COUNT, ...extents.get(name)!, channels.get(name)!];
    return {
      values: values(
        seed + i,
        shape.reduce((a, b) => a * b),
      ),
      shape,
    };
  };
  return Object.fromEntries(sourcesOf(graph).map((name, i) => [name, of(name, i)]));
}

/** The values of nodes, by default the outputs, in evaluation; `under` runs the forward pass. */
export async function valuesOf(
  network: Network,
  images: Record<string, Images>,
  wanted: readonly string[] = outputsOf(network.graph),
  under: <T>(fn: () => T) => T = (fn) => fn(),
): Promise<Record<string, { data: Float32Array; shape: readonly number[] }>> {
  const inputs = Object.entries(images).map(([name, { values, shape }]): [string, Tensor] => [name, on(values, shape)]);
  const made = noGrad(() => scope(() => under(() => network.values(Object.fromEntries(inputs), EVAL, wanted))));
  const read: [string, { data: Float32Array; shape: readonly number[] }][] = [];
  for (const [i, name] of wanted.entries())
    read.push([name, { data: await made[i].floats(), shape: [...made[i].shape] }]);
  for (const tensor of [...made, ...inputs.map(([, x]) => x)]) if (!tensor.released) tensor.release();
  return Object.fromEntries(read);
}

/** The values of a graph's outputs. */
export async function outputsFor(
  graph: Graph,
  dict: Dict,
  images: Record<string, Images>,
): Promise<Record<string, Float32Array>> {
  const network = new Network(graph).to(gpu, 1);
  loadStateDict(network, dict);
  const made = await valuesOf(network, images);
  network.release();
  return Object.fromEntries(Object.entries(made).map(([name, { data }]) => [name, data]));
}

/** Holds that each output is what it was, and is something. */
export function expectOutputs(
  actual: Record<string, Float32Array>,
  expected: Record<string, Float32Array>,
  tolerance = TOLERANCE,
): void {
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [name, values] of Object.entries(expected)) {
    expect(values.some((value) => value !== 0)).toBe(true);
    expect(distance(actual[name], values), name).toBeLessThan(tolerance);
  }
}

/** Gates of a layout of which most are open, and for each layer one output or input is wholly cut. */
function mostlyOpen(layout: GateLayout, seed: number): Map<string, Float32Array> {
  const next = generator(seed);
  return new Map(
    layout.entries.map(({ name, rows, columns, length }) => [
      name,
      Float32Array.from({ length }, (_, i) => {
        const unit = rows > 1 ? Math.floor(i / columns) : i;
        return unit === 1 || next() < 0.1 ? 0 : 1 - next() / 2;
      }),
    ]),
  );
}

/** Defines the tests. */
export function agreesWithItself(graph: Graph): void {
  const normed = layersOf(graph).some(({ norm }) => norm !== undefined);
  const kinds: GateKind[] = normed ? ['connection', 'filter', 'channel'] : ['connection', 'filter'];

  it('values have the channels and extents that are said of them, and parameters are counted as they are', async () => {
    const network = new Network(graph).to(gpu, 1);
    const [channels, extents] = [channelsOf(graph), extentsOf(graph)];
    const names = graph.nodes.map(({ name }) => name);
    const found = await valuesOf(network, imagesFor(graph, 3), names);
    for (const name of names)
      expect(found[name].shape, name).toEqual([COUNT, ...extents.get(name)!, channels.get(name)!]);
    expect(networkCost(graph).parameters).toBe(network.parameterCount());
    network.release();
  });

  it.skipIf(layersOf(graph).length === 0).each(kinds)(
    'gates (%s) can be folded, cut channels taken out, and what is left is as many parameters as were counted',
    async (kind) => {
      const dict = await randomState(graph, 5);
      const network = new Network(graph).to(gpu, 1);
      loadStateDict(network, dict);
      const layout = new GateLayout(network, kind);
      const gates = mostlyOpen(layout, 7);
      const images = imagesFor(graph, 3);
      const flat = on(Float32Array.from([...gates.values()].flatMap((list) => [...list])), [layout.total]);
      const under = await valuesOf(network, images, undefined, (fn) => layout.gated(flat, fn));
      const gated = Object.fromEntries(Object.entries(under).map(([name, { data }]) => [name, data]));
      const folded = foldGates(graph, dict, gates, kind);
      expectOutputs(await outputsFor(graph, folded, images), gated);
      const plain = await outputsFor(graph, dict, images);
      expect(Object.keys(plain).some((name) => distance(plain[name], gated[name]) > 0.01)).toBe(true);

      const made = compact(graph, folded, { multiple: 1 });
      expectOutputs(await outputsFor(made.graph, made.dict, images), gated);
      // Of what makes something of cut channels nothing may be left where these are counted as gone.
      const masks = deadChannelMasks(graph, survivalOf(layout, gates));
      const without = silenced(folded, masks);
      for (const [name, { shape, data }] of without)
        if (shape.length === 1 && name.endsWith('.bias') && !without.has(name.replace('.bias', '.running_mean')))
          without.set(name, { shape, data: data.map(() => 0) });
      // Under the gates the network runs as the masks leave it.
      const tensors = [...masks].map(([name, mask]) => [name, on(Float32Array.from(mask), [mask.length])] as const);
      const quiet = await valuesOf(network, images, undefined, (fn) => layout.gated(flat, fn, new Map(tensors)));
      expectOutputs(
        await outputsFor(graph, silenced(folded, masks), images),
        Object.fromEntries(Object.entries(quiet).map(([name, { data }]) => [name, data])),
      );
      const silent = compact(graph, without, { multiple: 1 });
      expect(networkParameters(silent.graph)).toBe(countParameters(network, layout, gates).structural);
      for (const owned of [flat, network, ...tensors.map(([, mask]) => mask)]) owned.release();
    },
  );

  it('a whole network loses nothing, and compaction finds its parameters', async () => {
    const dict = await randomState(graph, 9);
    const made = compact(graph, dict, { multiple: 1 });
    expect(made).toEqual({ graph, dict, removed: { parameters: 0, layers: [] } });
  });

  it('its ONNX file gives the same', async () => {
    const dict = await randomState(graph, 11);
    const images = imagesFor(graph, 13);
    const expected = await outputsFor(graph, dict, images);
    const [source, ...sources] = Object.keys(images);
    const theirs = await onnxValues(toOnnx(graph, dict), sources.length > 0 ? images : { images: images[source] });
    // The one output that tells classes apart is called the logits.
    const names = outputsOf(graph);
    const ours = names.length === 1 && theirs.logits ? { logits: expected[names[0]] } : expected;
    expectOutputs(theirs, ours);
  });
}

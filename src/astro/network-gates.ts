// The gates of a network, whoever makes them: what it runs under, and how a structure becomes final (docs/method.md §6).
import { type Gpu, needArguments } from '../gpu/index.ts';
import { clearCut, Segments } from '../ops/index.ts';
import { deadChannelMasks, readGates, survivalOf } from '../prune/index.ts';
import { keep, noGrad, scope, type Tensor, tensor, zeros } from '../tensor/index.ts';
import type { Astrocyte } from './astrocyte.ts';
import { layerFeatures } from './features.ts';
import { GateGroups } from './gate-groups.ts';
import { GateLayout } from './gate-layout.ts';
import { gateRange } from './packing/packed-maps.ts';

/** The gates of one network: those that it runs under now, made anew by regulate(). Owns GPU memory; release() it. */
export abstract class NetworkGates {
  /** Where they stand in the network. */
  readonly layout: GateLayout;
  /** What makes them, where it is an astrocyte. */
  readonly astrocyte?: Astrocyte;
  /** e¹..eᵀ of the last regulation, f32 [1] each: none where nothing is refined. */
  readonly errors: readonly Tensor[] = [];
  /** The gates as committed last, f32 [gates]: what the NN runs with between regulations. */
  readonly gate: Tensor;
  /** Of the layout, for values of gates. */
  readonly groups: GateGroups;
  protected readonly gpu: Gpu;
  /** The gates of each layer. */
  protected readonly layers: Segments;
  /** After finalizeGates, by parameter that makes something of nothing: 0 for the channels that nothing feeds any more, 1 for the others. */
  private deadChannels?: Map<string, Tensor>;

  constructor(gpu: Gpu, layout: GateLayout) {
    needArguments('NetworkGates', 'a Gpu', { gpu });
    needArguments('NetworkGates', GateLayout, { layout });
    this.gpu = gpu;
    this.layout = layout;
    this.groups = new GateGroups(gpu, layout);
    this.layers = new Segments(gpu, layout.total, layout.entries.map(gateRange), 'gates of layers');
    this.gate = keep(zeros(gpu, [layout.total], 'gates'));
  }

  /** Makes all gates anew, from the weights as they are: leaves them in `gate`. A plain recording, without gradients. */
  abstract regulate(): void;

  /** Between backward and the step of each update of the network: takes in its gradients, where gates go by them. */
  observe(): void {}

  /** What says which of some gates go first, f32 [gates]: the smallest. May be the gates themselves. */
  abstract standing(gate: Tensor): Tensor;

  /** Mean |W| of each gate, each layer's with mean 0 and standard deviation 1, f32 [gates]: of gates that stand alike the smallest go first. A constant. */
  sizes(): Tensor {
    return noGrad(() => layerFeatures(this.layout, this.layers, undefined, 'avg', true));
  }

  /**
   * Runs `fn` with the network under gates, f32 [gates]: the committed ones, unless others are given. Returns what `fn` does; the gates are taken off again, also
   * after an error.
   */
  gated<T>(fn: () => T, gate = this.gate): T {
    return this.layout.gated(gate, fn, this.deadChannels);
  }

  /**
   * From now on the committed gates are final, and channels that they leave without any input give 0: a bias or a normalization would make a constant of them, which no
   * connection carries and compaction would have to keep. Of a module without a graph nobody knows these channels, and they stay. Reads the gates back.
   */
  async finalizeGates(): Promise<void> {
    const { gpu, layout } = this;
    const { graph } = layout.network;
    const survives = survivalOf(layout, await readGates(layout, this.gate));
    const masks = graph ? deadChannelMasks(graph, survives) : [];
    this.reopenGates();
    this.deadChannels = new Map(
      [...masks].map(([name, mask]) => [
        name,
        keep(tensor(gpu, Float32Array.from(mask), [mask.length], `fed channels of ${name}`)),
      ]),
    );
  }

  /** Gates move again, and no channel is held at 0. */
  reopenGates(): void {
    for (const mask of this.deadChannels?.values() ?? []) mask.release();
    this.deadChannels = undefined;
  }

  /** Has finalizeGates been called, and reopenGates not since? */
  get gatesFinal(): boolean {
    return this.deadChannels !== undefined;
  }

  /**
   * After a cut: makes 0 what an optimizer remembers (Optimizer.momentum) of weights whose gate, of the committed ones unless others are given, is 0. Without gradients they would go on by it: under Lion, which takes
   * its sign, for thousands of updates. A plain recording.
   */
  clearMomentum(momentum: Tensor | undefined, gate = this.gate): void {
    const { layout } = this;
    if (momentum) scope(() => clearCut(layout.cuttable, gate, momentum, layout.network.arena.values));
  }

  /** Everything that a resumed run needs, by name. The tensors stay its own. */
  state(): Map<string, Tensor> {
    return new Map([['gate', this.gate]]);
  }

  /** Frees its memory on the GPU; the network stays. */
  release(): void {
    this.reopenGates();
    for (const owned of [this.gate, this.groups, this.layers]) owned.release();
  }
}

// An astrocyte on a module of one's own: gates on its layers, and everything that an astrocyte does with them, in a training loop of one's own or by search(),
// guide() and finish(). What the module computes and by which loss it learns, its owner says: any function of a batch.
import {
  Astrocyte,
  type AstrocyteOptions,
  featuresOf,
  GateLayout,
  leftUngated,
  type RegulationOptions,
  Regulator,
} from '../../astro/index.ts';
import { AstroError, type Gpu, needArguments } from '../../gpu/index.ts';
import { GatedModule, type GatedModuleOptions, type Graph, moduleCost } from '../../models/index.ts';
import { loadStateDict, Module, type StateTensor, stateDict } from '../../nn/index.ts';
import {
  CompactError,
  type Compacted,
  compact,
  deadChannelMasks,
  foldGates,
  type GateKind,
  type KeptParameters,
  keptParameters,
  type LayerCount,
  readGates,
  silenced,
  structuralParameters,
  survivalOf,
} from '../../prune/index.ts';
import { copyInto, copyOf, keep, scope, type Tensor } from '../../tensor/index.ts';
import { checkCut, checkInput, cutThreshold, type JobConfig } from '../config.ts';
import { anLearner } from '../stages/an-learner.ts';
import { budgetOf } from '../stages/budget.ts';
import { cutGates } from '../stages/guided-steps.ts';
import { searchStep } from '../stages/search-step.ts';
import { nnUpdate, type Steps } from '../stages/updates.ts';
import { guideOwn, type OwnGuide } from './guide-own.ts';
import { checkAttach, checkFinish, checkTraining } from './own-options.ts';
import { type OwnProgress, type OwnTraining, recalibrateOwn, settingOf } from './own-task.ts';
import { type OwnSearch, searchOwn } from './search-own.ts';

/** What an astrocyte on a module is made of: which layers have which gates, and how the astrocyte makes and refines P. Defaults are the main job's. */
export interface AttachOptions
  extends GatedModuleOptions,
    Omit<AstrocyteOptions, 'maps' | 'inputs'>,
    Partial<RegulationOptions>,
    Partial<Pick<JobConfig, 'anLr' | 'gated' | 'group'>> {
  /** What has a gate. Default connection. */
  gates?: GateKind;
  /** Of the astrocyte's initial values. Default 1. */
  seed?: number;
}

/** A pair of updates in a loop of one's own: see AttachedAstrocyte.searchStep. */
export interface OwnSearchStep extends Partial<Pick<JobConfig, 'lambda' | 'sparsityWeight' | 'updates'>> {
  /** Of the module's parameters. */
  optimizer: Steps;
  /** The module's loss on a batch of its own, in training. */
  loss: () => Tensor;
  /** The loss on a held-out batch, with the batch's statistics (BATCH_STATS), which the astrocyte lessens. */
  heldOutLoss: () => Tensor;
}

/** Where gates are cut for good, and by what running statistics are set right then. */
export interface FinishOptions<B>
  extends Partial<Pick<JobConfig, 'keep' | 'threshold'>>,
    Partial<Pick<OwnTraining<B>, 'train' | 'loss'>> {}

/** A layer under gates; multiplications where a sample run counted them. */
export interface AttachedLayer extends LayerCount {
  macs?: number;
  keptMacs?: number;
}

/** What gates leave of a module. */
export interface AttachedCount extends KeptParameters {
  layers: AttachedLayer[];
  /** Parameters of the compacted network, where there is a graph. */
  structural?: number;
}

/**
 * An astrocyte with its gates on the layers of a module, which must have memory; the module stays its owner's. Owns GPU memory; release() it.
 *
 * @example
 * const astro = attachAstrocyte(model, { gates: 'filter', exclude: ['head'] });
 * const loss = ({ x, y }, pass) => crossEntropy(model.forward(x, pass), y);
 * await astro.search({ train, heldOut, loss, epochs: 5 });
 * await astro.guide({ train, loss, epochs: 20, keep: 0.5 });
 * const { kept, total } = await astro.finish(); // the model runs without it from here on
 */
export class AttachedAstrocyte {
  /** The module that has the gates. */
  readonly module: Module;
  /** Which of its layers have gates, and where these stand. */
  readonly layout: GateLayout;
  /** The network that makes the gates. */
  readonly astrocyte: Astrocyte;
  /** What runs the astrocyte on the weights and puts the gates into the module. */
  readonly regulator: Regulator;
  private readonly gpu: Gpu;
  private readonly gatedModule: GatedModule;
  private readonly sample?: () => unknown;
  private readonly an: ReturnType<typeof anLearner>;
  /** What the module was before the search. */
  private start?: { values: Tensor; buffers?: Tensor };
  private finished = false;

  /** See attachAstrocyte. */
  constructor(module: Module, options: AttachOptions = {}) {
    needArguments('attachAstrocyte', Module, { module });
    checkAttach(options);
    const { gates = 'connection', gated, group, seed = 1, anLr, include, exclude, graph, sample, ...rest } = options;
    const { network, activation, shift, temperature, logitSkipScale, zeroInit, ...regulation } = rest;
    checkInput({ input: settingOf(regulation, 'input'), precision: module.precision });
    this.module = module;
    this.gpu = module.arena.values.gpu;
    this.sample = sample;
    this.gatedModule = new GatedModule(module, { include, exclude, graph, sample });
    const except = leftUngated(this.gatedModule, settingOf({ gated }, 'gated'));
    this.layout = new GateLayout(this.gatedModule, gates, except, group);
    const { maps } = this.layout;
    const made = {
      network,
      maps,
      inputs: featuresOf(regulation.input),
      activation,
      shift,
      temperature,
      logitSkipScale,
      zeroInit,
    };
    this.astrocyte = new Astrocyte(made).to(this.gpu, seed);
    this.regulator = new Regulator(this.gpu, this.layout, this.astrocyte, {
      T: settingOf(regulation, 'T'),
      mode: settingOf(regulation, 'mode'),
      feature: regulation.feature ?? 'mixture',
      absolute: regulation.absolute ?? false,
      input: regulation.input,
      norm: settingOf(regulation, 'norm'),
      backpropThroughGates: regulation.backpropThroughGates ?? false,
    });
    this.an = anLearner(this.gpu, this.astrocyte, { lr: settingOf({ anLr }, 'anLr') }, module.precision);
  }

  /** Refines P through all T iterations, from the weights as they are: leaves the gates in `regulator.gate`. Part of a captured step, if wanted. */
  regulate(): void {
    this.needUnfinished();
    scope(() => this.regulator.regulate());
  }

  /** Runs `fn` with the module under the committed gates, after finish() without any: they are in its weights. */
  gated<T>(fn: () => T): T {
    return this.finished ? fn() : this.regulator.gated(fn);
  }

  /** One update of the module under its gates: the loss, backward, and the optimizer's step. */
  nnUpdate(optimizer: Steps, loss: () => Tensor): void {
    nnUpdate({ optimizer }, () => ({ loss: loss() }), this.finished ? undefined : this.regulator);
  }

  /** One step of a search: a pair of batches through all T iterations, an update of the module and one of the astrocyte in each. */
  searchStep({ optimizer, loss, heldOutLoss, ...options }: OwnSearchStep): void {
    this.needUnfinished();
    searchStep(this.regulator, {
      updates: settingOf(options, 'updates'),
      lambda: settingOf(options, 'lambda'),
      sparsityWeight: settingOf(options, 'sparsityWeight'),
      nn: { learner: { optimizer }, run: () => ({ loss: loss() }) },
      an: { learner: { optimizer: this.an.optimizer }, run: () => ({ loss: heldOutLoss() }) },
    });
  }

  /** Module and astrocyte learn in turn; the astrocyte kept is the one with the least loss on held-out batches. Throws ArgumentError, ConfigError, NonFiniteLossError. */
  async search<B>(options: OwnSearch<B>): Promise<OwnProgress[]> {
    this.needUnfinished();
    checkTraining('search', options);
    const { values } = this.module.arena;
    const buffers = this.module.bufferArena?.values;
    this.start ??= { values: keep(copyOf(values)), buffers: buffers && keep(copyOf(buffers)) };
    const { gpu, module, regulator, astrocyte, an } = this;
    return searchOwn({ gpu, module, regulator, astrocyte, an }, options);
  }

  /**
   * The module learns under the frozen astrocyte, and in the last part of the steps under the final gates. It begins with the values that it had before the search.
   * Where a `settle` of 0 leaves no such part gates are cut at the end, if anything says how. Throws ArgumentError, ConfigError, NonFiniteLossError.
   */
  async guide<B>(options: OwnGuide<B>): Promise<OwnProgress[]> {
    this.needUnfinished();
    checkTraining('guide', options);
    const { gpu, module, regulator, start } = this;
    if (start && (options.fresh ?? true)) {
      copyInto(module.arena.values, start.values);
      if (start.buffers) copyInto(module.bufferArena!.values, start.buffers);
    }
    return guideOwn({ gpu, module, regulator }, options);
  }

  /**
   * The end: gates are cut, unless a guide did that, and multiplied into the module's values, so that it runs without the astrocyte. `keep` cuts to a part of all gates,
   * `threshold` (default the main job's) where they are less; with `train` and `loss` running statistics are set right under the gates. Returns what is left.
   */
  async finish<B>(options: FinishOptions<B> = {}): Promise<AttachedCount> {
    this.needUnfinished();
    checkFinish(options);
    const { keep, threshold, train, loss } = options;
    const { gpu, module, regulator } = this;
    const { mode, T } = regulator.options;
    const { gatesFinal } = regulator;
    checkCut({ keep, threshold, gate: this.layout.kind, ranking: 'network', settle: 0 });
    if (!gatesFinal || keep !== undefined || threshold !== undefined) {
      const budget = budgetOf({ keep }, regulator);
      await cutGates(
        regulator,
        { budget, threshold: cutThreshold({ mode, T, threshold }) },
        { regulates: !gatesFinal },
      );
    }
    if (train && loss) await recalibrateOwn({ gpu, module, regulator }, { train, loss });
    loadStateDict(module, await this.stateDict());
    this.finished = true;
    return this.count();
  }

  /** What the gates leave as they are now: parameters in all and by layer, multiplications where there is a sample run. */
  async count(): Promise<AttachedCount> {
    const { gatedModule, layout, module, sample } = this;
    const { graph } = gatedModule;
    const gates = await readGates(layout, this.regulator.gate);
    const kept = keptParameters(gatedModule, layout, gates);
    const structural = graph && structuralParameters(graph, layout, gates);
    const macs = new Map(sample ? moduleCost(module, sample).layers.map((layer) => [layer.name, layer.macs]) : []);
    const layers = kept.layers.map((layer): AttachedLayer => {
      const all = macs.get(layer.name);
      return all === undefined ? layer : { ...layer, macs: all, keptMacs: (all * layer.kept) / layer.weights };
    });
    return { ...kept, layers, ...(structural !== undefined && { structural }) };
  }

  /** The module's values with the gates multiplied into them, by torch's names and in torch's layout: what runs without the astrocyte. */
  async stateDict(): Promise<Map<string, StateTensor>> {
    const { module, gatedModule, layout, regulator } = this;
    const dict = await stateDict(module);
    if (this.finished) return dict;
    const gates = await readGates(layout, regulator.gate);
    const folded = foldGates(gatedModule, dict, gates, layout.kind);
    // As the module ran since its gates were final: see Regulator.finalizeGates.
    if (!gatedModule.graph || !regulator.gatesFinal) return folded;
    const masks = deadChannelMasks(gatedModule.graph, survivalOf(layout, gates));
    return silenced(folded, new Map([...masks].filter(([name]) => gatedModule.offset(name))));
  }

  /**
   * The dense network that the gates leave, as graph and values. Takes a graph of the module (graphOf makes one of a sample run), unless the astrocyte was attached with
   * one. Throws CompactError where there is none, and where nothing is left.
   */
  async compact(graph: Graph | undefined = this.gatedModule.graph): Promise<Compacted> {
    if (!graph)
      throw new CompactError(
        `${this.module.constructor.name} is a program, and compaction needs a graph: give one, which graphOf(module, sample, forward) makes where the ops allow it`,
      );
    return compact(graph, await this.stateDict());
  }

  /** Frees its memory on the GPU; the module stays. */
  release(): void {
    const { regulator, astrocyte, an, start } = this;
    for (const part of [regulator, astrocyte, an, start?.values, start?.buffers]) part?.release();
  }

  private needUnfinished(): void {
    if (this.finished)
      throw new AstroError(
        `the astrocyte of ${this.module.constructor.name} has finished, and its gates are in the weights: attach another one`,
      );
  }
}

/** Puts gates on the layers of a module, which must have memory (`to(gpu, seed)`), and an astrocyte that makes them. Throws AstroError for names, options and modules that do not fit. */
export const attachAstrocyte = (module: Module, options: AttachOptions = {}): AttachedAstrocyte =>
  new AttachedAstrocyte(module, options);

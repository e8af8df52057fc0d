// A running average of a network's weights, which often does better than the weights themselves (Polyak and Juditsky 1992; with forgetting: Tarvainen and Valpola 2017).
import { f32, needArguments, params } from '../../gpu/index.ts';
import {
  addInPlace,
  copyInto,
  empty,
  full,
  keep,
  needScalars,
  shapeText,
  type Tensor,
  TensorError,
  zeros,
} from '../../tensor/index.ts';
import { Module } from '../module.ts';
import type { StateMemory } from '../state-dict.ts';
import { launchShape } from './flat-parameters.ts';

/** How an average of weights forgets. */
export interface EmaOptions {
  /** Weight of the average so far in each update. Default 0.999. */
  decay?: number;
  /** Forgets faster at first: by (1 + n) / (10 + n) after n updates, while that is less than `decay`. Default false. */
  warmup?: boolean;
}

interface Average extends StateMemory {
  of: Tensor;
  unused: Tensor;
}

/**
 * average ← decay·average + (1 − decay)·weights at every update(), for parameters and buffers alike; it starts as the weights are. Its memory is on the GPU, so that
 * a captured step replays, and `stateDict(ema)` reads it as that of a network.
 *
 * @example
 * const ema = new Ema(network, { decay: 0.999 });
 * // in each step, behind optimizer.step():
 * ema.update();
 * // to measure the average, and to go on with the weights:
 * ema.swap();
 * const accuracy = await evaluator.accuracy(network);
 * ema.swap();
 */
export class Ema {
  private readonly parameters: Average;
  private readonly buffers?: Average;
  private readonly updates: Tensor;
  private readonly one: Tensor;
  private readonly decay: number;
  private readonly warmup: boolean;

  /** Throws TensorError for a decay outside 0..1, AstroError for a module without memory. */
  constructor(module: Pick<Module, 'arena' | 'bufferArena'>, { decay = 0.999, warmup = false }: EmaOptions = {}) {
    needArguments('Ema', Module, { module });
    needScalars('Ema', { decay }, 1);
    const { gpu } = module.arena.values;
    const average = ({ values, tensors, asTorch }: StateMemory): Average => {
      const copy = keep(empty(gpu, values.shape, `average of ${values.label}`));
      copyInto(copy, values);
      const parts = [...tensors].map(([name, { shape, slice }]) => {
        const part = copy.alias(shape, slice.offset - values.slice.offset, `average of ${name}`);
        return [name, keep(part)] as const;
      });
      return { of: values, values: copy, tensors: new Map(parts), asTorch, unused: keep(empty(gpu, [1], 'unused')) };
    };
    this.parameters = average(module.arena);
    if (module.bufferArena) this.buffers = average(module.bufferArena);
    this.updates = keep(zeros(gpu, [1], 'updates of an average'));
    this.one = keep(full(gpu, [1], 1));
    this.decay = decay;
    this.warmup = warmup;
  }

  /** The averaged parameters by name, and as one tensor. */
  get arena(): StateMemory {
    return this.parameters;
  }

  /** The averaged buffers; absent for a module without any. */
  get bufferArena(): StateMemory | undefined {
    return this.buffers;
  }

  private get averages(): Average[] {
    return this.buffers ? [this.parameters, this.buffers] : [this.parameters];
  }

  /** Moves the average towards the weights as they are. */
  update(): void {
    this.run('update');
    if (this.warmup) addInPlace(this.updates, this.one);
  }

  /** Exchanges the average and the weights; once more, and everything is as it was, to the bit. */
  swap(): void {
    this.run('swap');
  }

  /** Makes the average another module's weights. Throws TensorError for one that is built otherwise, and then has changed nothing. */
  copyTo(module: Pick<Module, 'arena' | 'bufferArena'>): void {
    for (const [i, to] of this.matching(module).entries()) copyInto(to.values, this.averages[i].values);
  }

  /** Makes another module's weights, or those of its own, the average. Throws as copyTo(). */
  copyFrom(module: Pick<Module, 'arena' | 'bufferArena'>): void {
    for (const [i, own] of this.matching(module).entries()) copyInto(this.averages[i].values, own.values);
  }

  /** What a checkpoint has to hold: `parameters`, `buffers` where there are any, and `updates`. */
  state(): Map<string, Tensor> {
    const state = new Map([
      ['parameters', this.parameters.values],
      ['updates', this.updates],
    ]);
    if (this.buffers) state.set('buffers', this.buffers.values);
    return state;
  }

  /** Frees its memory; the module's stays. */
  release(): void {
    for (const { values, tensors, unused } of this.averages)
      for (const tensor of [values, ...tensors.values(), unused]) tensor.release();
    this.updates.release();
    this.one.release();
  }

  /** A module's memory, parameters and then buffers. Throws TensorError for one that is built otherwise. */
  private matching(module: Pick<Module, 'arena' | 'bufferArena'>): StateMemory[] {
    const layout = (memory?: StateMemory): string =>
      [...(memory?.tensors ?? [])].map(([name, { shape }]) => `${name} ${shapeText(shape)}`).join();
    const targets = [module.arena, module.bufferArena];
    for (const [i, own] of [this.parameters, this.buffers].entries())
      if (layout(own) !== layout(targets[i]))
        throw new TensorError(
          `Ema: ${targets[i]?.values.label ?? 'a module without buffers'} has other tensors than ${own?.values.label ?? 'the average, which has no buffers'}`,
        );
    return targets.filter((memory) => memory !== undefined);
  }

  private run(entry: 'update' | 'swap'): void {
    for (const { of, values, unused } of this.averages) {
      const { vectors, threads } = launchShape(of, of.size);
      const { half } = of;
      of.gpu.run({
        shader: 'optim/ema',
        entry,
        constants: { HALF: half !== undefined },
        types: { H: half ? 'vec4h' : 'vec4f' },
        bindings: [of, values, half ?? unused, this.updates].map(({ slice }) => slice),
        params: params(vectors, threads, f32(this.decay), this.warmup ? 1 : 0),
        grid: [Math.ceil(threads / 64)],
        cost: { flops: entry === 'update' ? 3 * of.size : 0, bytes: of.bytes * (entry === 'update' ? 3 : 4) },
        label: `ema/${entry}`,
      });
    }
  }
}

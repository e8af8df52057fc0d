// A module is a tree of named parameters and buffers. Names come from the property names, so that a state dict reads as torch's does.
import { AstroError, type Gpu } from '../gpu/index.ts';
import { mul, RandomState } from '../ops/index.ts';
import { keep, type Shape, type Tensor, zeros } from '../tensor/index.ts';
import { Arena, type Precision } from './arena.ts';
import { type Initializer, seedFromName } from './init.ts';
import { LayerDraws } from './layer-draws.ts';
import { loadStateDict, type StateDict, type StateTensor, stateDict } from './state-dict.ts';

/** A trainable tensor of a module. It has memory once its network is on a GPU: see Module.to(). */
export class Parameter {
  /** As it is stored. */
  readonly shape: Shape;
  /** What its values are at the start, by the seed of Module.to(). */
  readonly init: Initializer;
  /** Does torch store it as it is stored here? Else a state dict turns the sides of matrices and convolutions. */
  readonly asTorch: boolean;
  /** 0 for the channels, its last side, of which a forward pass is to see zeros, 1 for the others. */
  mask?: Tensor;
  /** Does training leave it as it is? See Module.freeze. */
  frozen = false;
  private made?: Tensor;

  /**
   * `shape` is the stored one: a convolution's weight is kh×kw×Cin×Cout, a linear layer's Cin×Cout, and a state dict has them as torch does, Cout×Cin×kh×kw and Cout×Cin.
   * With `asTorch` (default false) what has two or four sides leaves as it is: a table of embeddings is no matrix that multiplies. `init` makes the values that it
   * starts from.
   */
  constructor(shape: Shape, init: Initializer, { asTorch = false }: { asTorch?: boolean } = {}) {
    if (!Array.isArray(shape) || typeof init !== 'function')
      throw new AstroError(
        `a parameter is made of a shape, a list of sides, and an initializer, a function; these are ${typeof shape} and ${typeof init}`,
      );
    this.shape = shape;
    this.init = init;
    this.asTorch = asTorch;
  }

  /** f32, in `shape`, with its gradient. Throws AstroError before module.to(gpu). */
  get tensor(): Tensor {
    if (!this.made)
      throw new AstroError(`a parameter of shape ${this.shape.join('×')} has no memory yet: call module.to(gpu) first`);
    return this.made;
  }

  set tensor(tensor: Tensor) {
    this.made = tensor;
  }

  /** What a layer that minds `mask` takes: the tensor, times the mask where there is one. */
  get masked(): Tensor {
    return this.mask ? mul(this.tensor, this.mask) : this.tensor;
  }
}

const isTrained = (member: Parameter): boolean => !(member instanceof ModuleBuffer || member.frozen);

/** What torch calls a buffer, as running statistics are: it is saved like a parameter and moves with its module, but is not trained. */
export class ModuleBuffer extends Parameter {}

/** A weight and its place under gates: a layer that has both runs with `masked` in place of the weight where that is set. */
export interface MaskableWeight {
  readonly weight: Parameter;
  masked?: Tensor;
}

/** How normalization and dropout behave in a forward pass: TRAIN, BATCH_STATS, EVAL, or with another momentum. */
export interface Pass {
  /** Normalize by the batch's own statistics, or by the running ones. */
  batchStatistics: boolean;
  /** Weight of the batch in the running statistics; 0 leaves them alone. */
  momentum: number;
  /** Dropout and stochastic depth leave out. Default: `batchStatistics`. */
  drops?: boolean;
}

/** The pass, or AstroError where it is missing. */
export function needPass(layer: string, pass: Pass | undefined): Pass {
  if (typeof pass !== 'object')
    throw new AstroError(`${layer}: forward(x, pass) was called without a pass: TRAIN in training, EVAL to evaluate`);
  return pass;
}

/** Batch statistics, which move the running ones by torch's momentum of 0.1. */
export const TRAIN: Pass = { batchStatistics: true, momentum: 0.1 };
/** Batch statistics, running ones untouched, and nothing left out: for looking at a network that somebody else trains. */
export const BATCH_STATS: Pass = { batchStatistics: true, momentum: 0, drops: false };
/** Running statistics, left as they are. */
export const EVAL: Pass = { batchStatistics: false, momentum: 0 };

/**
 * A layer or a network: what it keeps in properties (parameters, buffers, other modules, lists of modules) is its state, named after them. Subclasses declare them
 * in their constructor and say what they compute in a method of their own, `forward` by custom.
 *
 * @example
 * class Mlp extends Module {
 *   hidden = new Linear(784, 64);
 *   out = new Linear(64, 10);
 *   forward = (x) => this.out.forward(relu(this.hidden.forward(x)));
 * }
 * const mlp = new Mlp().to(gpu, 1);
 */
export abstract class Module {
  private arenas?: { parameters: Arena; buffers?: Arena; draws?: Tensor };
  /** How it computes, once it has memory, also as a part of another module. */
  private computes?: Precision;

  /** Name and member of everything directly below. A name may have dots; a module without one hands its members' names on as they are. */
  protected *members(): Iterable<[string, Parameter | Module]> {
    for (const [key, value] of Object.entries(this)) {
      if (value instanceof Parameter || value instanceof Module) yield [key, value];
      else if (Array.isArray(value))
        for (const [i, item] of value.entries()) if (item instanceof Module) yield [`${key}.${i}`, item];
    }
  }

  private *named(prefix: string): Iterable<[string, Parameter]> {
    for (const [key, member] of this.members()) {
      if (member instanceof Module) yield* member.named(key ? `${prefix}${key}.` : prefix);
      else yield [prefix + key, member];
    }
  }

  /** Itself under the name '' and every module below it by name, in the order of declaration; one that is reached twice has the name it is met under first. */
  namedModules(): [string, Module][] {
    const found = new Map<Module, string>();
    const visit = (module: Module, name: string): void => {
      if (found.has(module)) return;
      found.set(module, name);
      for (const [key, member] of module.members())
        if (member instanceof Module) visit(member, name ? `${name}.${key}` : key);
    };
    visit(this, '');
    return [...found].map(([module, name]) => [name, module]);
  }

  /**
   * Its own weights that gates can be put on, by the names of their parameters: by default `weight`, where that has two or four sides, [..., inputs, outputs], and there is a
   * field `masked`.
   */
  maskable(): [name: string, place: MaskableWeight][] {
    if (!('masked' in this && 'weight' in this && this.weight instanceof Parameter)) return [];
    const { length } = this.weight.shape;
    return length === 2 || length === 4 ? [['weight', this as unknown as MaskableWeight]] : [];
  }

  /** Trainable parameters by name, in the order of declaration. */
  namedParameters(): [string, Parameter][] {
    return [...this.named('')].filter(([, member]) => isTrained(member));
  }

  /** Trainable parameters, in the order of declaration. */
  parameters(): Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter);
  }

  /** Buffers and frozen parameters by name, in the order of declaration. */
  namedBuffers(): [string, Parameter][] {
    return [...this.named('')].filter(([, member]) => !isTrained(member));
  }

  /**
   * Sets apart what training is to leave as it is: all parameters, or those whose names `which` takes. `to` then lays them among the buffers, so that nothing is computed
   * for their gradients, and a batch normalization whose scale is frozen goes by its running statistics in every pass. Returns itself. Throws AstroError once it has memory.
   */
  freeze(which: (name: string) => boolean = () => true): this {
    if (this.computes)
      throw new AstroError(`${this.constructor.name}.freeze(): it has memory already; call it before to(gpu, seed)`);
    for (const [name, parameter] of this.named('')) if (which(name)) parameter.frozen = true;
    return this;
  }

  /** Number of trainable values. */
  parameterCount(): number {
    return this.namedParameters().reduce((sum, [, { shape }]) => sum + shape.reduce((a, b) => a * b, 1), 0);
  }

  /**
   * Gives every parameter and buffer memory, and its initial values from `seed`; returns itself. With `precision` f16 (default f32), for mixed-precision training,
   * each parameter has a copy in f16 beside it. The seed is 0 by default. Throws AstroError where the adapter has no f16.
   */
  to(gpu: Gpu, seed = 0, { precision = 'f32' }: { precision?: Precision } = {}): this {
    const { name } = this.constructor;
    if (typeof gpu?.allocate !== 'function')
      throw new AstroError(`${name}.to(gpu, seed): gpu is ${typeof gpu}; it must be a Gpu, as Gpu.open() gives it`);
    if (precision === 'f16' && !gpu.capabilities.f16)
      throw new AstroError('precision f16: this adapter has no f16 (feature shader-f16); take precision f32');
    const buffers = this.namedBuffers();
    // Weights that are frozen are multiplied in f16, too.
    const stored = buffers.some(([, { frozen }]) => frozen) ? precision : 'f32';
    this.arenas = {
      parameters: new Arena(gpu, `${name} parameters`, this.namedParameters(), seed, { trainable: true, precision }),
      buffers:
        buffers.length > 0
          ? new Arena(gpu, `${name} buffers`, buffers, seed, { trainable: false, precision: stored })
          : undefined,
      draws: this.placeDraws(gpu, seed),
    };
    for (const [, module] of this.namedModules()) module.computes = precision;
    return this;
  }

  private placeDraws(gpu: Gpu, seed: number): Tensor | undefined {
    const all = this.namedModules().flatMap(([name, module]) =>
      Object.values(module).flatMap((value) => (value instanceof LayerDraws ? [[name, value] as const] : [])),
    );
    if (all.length === 0) return undefined;
    const counters = keep(zeros(gpu, [all.length], `draws of ${this.constructor.name}`, 'u32'));
    for (const [i, [name, draws]] of all.entries())
      draws.state = new RandomState(gpu, { seed, stream: seedFromName(name) }, counters, i);
    return counters;
  }

  /** How it computes, as asked for in `to`, its own or that of a module that it is a part of. Throws AstroError before that. */
  get precision(): Precision {
    return this.computes ?? (this.arena.values.half ? 'f16' : 'f32');
  }

  /** All trainable values in one piece of memory, with their gradients: what an optimizer is made for. Throws AstroError before `to(gpu)`. */
  get arena(): Arena {
    if (!this.arenas) throw new AstroError(`${this.constructor.name} has no memory yet: call to(gpu, seed) first`);
    return this.arenas.parameters;
  }

  /** All buffers in one piece of memory; absent for a module without any. */
  get bufferArena(): Arena | undefined {
    return this.arenas?.buffers;
  }

  /** u32, how often each layer that draws random numbers has drawn: with arenas and seed all that a resumed run needs. Absent where none does. */
  get draws(): Tensor | undefined {
    return this.arenas?.draws;
  }

  /** Parameters and buffers by torch's names, in torch's layout: see the function stateDict. Throws AstroError before `to(gpu)`. */
  stateDict(): Promise<Map<string, StateTensor>> {
    return stateDict(this);
  }

  /** Fills it from a state dict: see the function loadStateDict. Throws StateDictError, and has then changed nothing. */
  loadStateDict(dict: StateDict, except?: ReadonlySet<string>): void {
    loadStateDict(this, dict, except);
  }

  /** Frees its memory on the GPU; `to` gives it new. */
  release(): void {
    this.arenas?.draws?.release();
    this.arenas?.parameters.release();
    this.arenas?.buffers?.release();
    this.arenas = undefined;
    for (const [, module] of this.namedModules()) module.computes = undefined;
  }
}

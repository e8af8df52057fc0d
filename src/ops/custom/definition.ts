// What somebody says of an op of their own: its kernels, the shape of its result, its gradient.
import type { Cost, f32, KernelCall } from '../../gpu/index.ts';
import type { DType, Shape, Tensor } from '../../tensor/index.ts';

/** A call of an op: its tensors, and the options behind them. */
export interface OpCall<Options> {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly options: Options;
}

/** Either the same for every call, or what a function makes of one. */
export type PerCall<Options, T> = T | ((call: OpCall<Options>) => T);

/** The shape of a result, or its shape and dtype; a tensor stands for both of its own. */
export type ResultShape = Shape | { shape: Shape; dtype?: DType };

/** A kernel that can do the op. Its source binds the inputs in order (`read`), then the results (`read_write`), then a uniform if there are `params`. */
export interface OpKernel<Options = Record<string, unknown>> {
  /** WGSL. `// include NAME` takes in a shader of the package. */
  source: string;
  /** Default `main`. */
  entry?: string;
  /** What is put before the source: WGSL constants and aliases. */
  constants?: PerCall<Options, NonNullable<KernelCall['constants']>>;
  types?: PerCall<Options, NonNullable<KernelCall['types']>>;
  /** Words of the uniform: whole numbers, and f32(x) for floats. */
  params?: PerCall<Options, (number | ReturnType<typeof f32>)[]>;
  /** Elements of the first result that a thread makes, where `grid` is left out: as many workgroups in a row as it takes. Default 1. */
  perThread?: number;
  /** Workgroups. Sides may be of any length. */
  grid?: PerCall<Options, KernelCall['grid']>;
  /** For the profiler, which otherwise knows the time alone. */
  cost?: PerCall<Options, Cost>;
}

/** One of several kernels. */
export interface NamedKernel<Options> extends Partial<OpKernel<Options>> {
  /** By which tables of choices and `force` call it. */
  name: string;
  /** Can it do this call? Default: any. */
  when?(call: OpCall<Options>): boolean;
}

/** What ops with one result and with several have in common. */
export interface OpBase<Options> extends Partial<OpKernel<Options>> {
  /** In errors, profiles and tables of choices: `mine/swish`. */
  name: string;
  /** Several kernels in place of one, best guess first, the plain one last; each takes from the op what it does not say itself. The tuner measures which is fastest. */
  kernels?: readonly NamedKernel<Options>[];
  /** Throws for inputs that do not fit. Dtypes need no check: a kernel that reads f32 is given nothing else. */
  check?(inputs: readonly Tensor[], options: Options): void;
}

/** Gradients of the inputs, in their shapes and dtypes, made by ops; nothing for inputs that have none. */
export type Gradients = readonly (Tensor | undefined)[];

/** An op with one result. */
export interface OpDefinition<Options = Record<string, unknown>> extends OpBase<Options> {
  /** Default: as the first input. */
  shape?(inputs: readonly Tensor[], options: Options): ResultShape;
  /** Without it, results are constants. `gradient` is of the result, in its shape and dtype; `wants(i)` says whether somebody needs that of input i. */
  backward?(gradient: Tensor, call: OpCall<Options> & { wants(i: number): boolean }): Gradients;
}

/** An op with several results. Those in f32 have gradients; others are constants. */
export interface MultiOpDefinition<Options = Record<string, unknown>> extends OpBase<Options> {
  shapes(inputs: readonly Tensor[], options: Options): readonly ResultShape[];
  /** As in OpDefinition; a gradient for each result, undefined for a constant. */
  backward?(
    gradients: readonly (Tensor | undefined)[],
    call: OpCall<Options> & { wants(i: number): boolean },
  ): Gradients;
}

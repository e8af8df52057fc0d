// The astrocyte: the network that reads feature maps, and U, which turns its logits into probabilities. One for all layers of a task network.
import { AstroError, ConfigError, type Gpu } from '../gpu/index.ts';
import { constant, Module, Parameter, type Precision } from '../nn/index.ts';
import { add, binarizeSTE, relu, reshape, type Segments, scale, segmentNorm, sigmoid, slice } from '../ops/index.ts';
import type { Tensor } from '../tensor/index.ts';
import type { AstrocyteNetwork } from './networks/network.ts';
import { type AstrocyteName, createAstrocyteNetwork } from './networks/registry.ts';
import type { PackedMaps } from './packing/packed-maps.ts';
import type { MapSize } from './packing/region-groups.ts';

/** U's last step: a sigmoid; ReLU, which gives exact zeros; or a sigmoid cut at 0.5, with a straight-through gradient (docs/method.md §3). */
export type Activation = 'sigmoid' | 'relu' | 'hard';

/** Guards the division by the logits' standard deviation, as batch norm's ε does. */
const EPSILON = 1e-5;

/** U of docs/method.md §3: each map is normalized over itself, scaled and shifted by one learned pair, then squashed. */
export class GateActivation extends Module {
  /** γ of the normalization, f32 [1], for all maps. */
  readonly weight: Parameter;
  /** β of the normalization, f32 [1]. */
  readonly bias: Parameter;
  private readonly activation: Activation;

  /** `shift` is the initial bias: a positive one starts the gates nearer to 1. `temperature` is 1 over the initial scale: a low one starts them nearer to 0 and 1. */
  constructor(activation: Activation, shift: number, temperature = 1) {
    super();
    this.activation = activation;
    this.weight = new Parameter([1], constant(1 / temperature));
    this.bias = new Parameter([1], constant(shift));
  }

  /** One logit a gate to one probability a gate, f32 [gates] both; `maps` are the gates of each map. Throws TensorError for tensors that do not fit. */
  forward(logits: Tensor, maps: Segments): Tensor {
    const affine = { gamma: this.weight.tensor, beta: this.bias.tensor };
    const normal = segmentNorm(logits, maps, { affine, eps: EPSILON });
    if (this.activation === 'relu') return relu(normal);
    const p = sigmoid(normal);
    return this.activation === 'hard' ? binarizeSTE(p, 0.5) : p;
  }
}

/** What an astrocyte is made of. */
export interface AstrocyteOptions {
  /** By name, of `astrocyteNames` or added. Default unet. */
  network?: AstrocyteName;
  /** The maps that it will see (a layout's `maps`): cnn has a linear layer for each shape of them, the others take any. */
  maps?: readonly MapSize[];
  /** Features of a gate that it sees: 2 of the input taylor (featuresOf). Default 1. */
  inputs?: number;
  /** U's last step. Default sigmoid. */
  activation?: Activation;
  /** U's initial bias: a positive one starts the gates nearer to 1. Default 0. */
  shift?: number;
  /** What U's argument is divided by at the start, before the shift: a low one spreads the gates towards 0 and 1 (beyond the paper). Default 1. */
  temperature?: number;
  /** Times the feature is added to each logit: with features of |W|, larger weights start with larger gates (beyond the paper). Default 0. */
  logitSkipScale?: number;
  /** The network's last layer starts at 0, so that the gates start as the skip alone has them, which must not be 0 then (beyond the paper). Default false. */
  zeroInit?: boolean;
}

/** Throws ConfigError for an astrocyte whose logits would all start at 0: U, which normalizes them, would make of the first difference the largest one. */
export function checkZeroInit({ zeroInit = false, logitSkipScale = 0 }: AstrocyteOptions): void {
  if (zeroInit && logitSkipScale === 0)
    throw new ConfigError(
      'zeroInit',
      (name) =>
        `${name('zeroInit')}: all logits would start at 0 and U normalizes them, so that the first update would order the gates; give ${name('logitSkipScale')} too`,
    );
}

/** The AN with U: from features of weights to a probability for every connection (docs/method.md §3). Its parameters have memory after `to(gpu, seed)`. */
export class Astrocyte extends Module {
  /** From features to logits. */
  readonly network: AstrocyteNetwork;
  /** U, from logits to probabilities. */
  readonly u: GateActivation;
  private readonly logitSkipScale: number;
  private readonly zeroInit: boolean;

  /** Throws AstroError for an unknown network, a cnn without maps, or one that is to start at 0 and does not say its last layers; ConfigError as checkZeroInit. */
  constructor({
    network = 'unet',
    maps,
    inputs = 1,
    activation = 'sigmoid',
    shift = 0,
    temperature = 1,
    logitSkipScale = 0,
    zeroInit = false,
  }: AstrocyteOptions = {}) {
    super();
    checkZeroInit({ zeroInit, logitSkipScale });
    this.logitSkipScale = logitSkipScale;
    this.zeroInit = zeroInit;
    this.network = createAstrocyteNetwork(network, maps, inputs);
    if (zeroInit && this.network.lastLayers().length === 0)
      throw new AstroError(
        `the astrocyte network ${network} does not say its last layers (lastLayers()), which are to start at 0`,
      );
    this.u = new GateActivation(activation, shift, temperature);
  }

  override to(gpu: Gpu, seed?: number, options?: { precision?: Precision }): this {
    super.to(gpu, seed, options);
    if (this.zeroInit)
      for (const layer of this.network.lastLayers())
        for (const parameter of layer.parameters()) gpu.fill(parameter.tensor.slice, 0);
    return this;
  }

  /** P = U(AN(F)): one feature a gate to one probability a gate, f32 [gates] both; of several inputs [inputs, gates], of which the first one is the skip's. Throws TensorError for features of other maps. */
  forward(features: Tensor, packed: PackedMaps): Tensor {
    const logits = this.network.forward(features, packed);
    if (this.logitSkipScale === 0) return this.u.forward(logits, packed.maps);
    const first = this.network.inputs === 1 ? features : reshape(slice(features, [0, 0], [1, packed.gates]), [-1]);
    return this.u.forward(add(logits, scale(first, this.logitSkipScale)), packed.maps);
  }
}

// The astrocyte: the network that reads feature maps, and U, which turns its logits into probabilities. One for all layers of a task network.
import { constant, Module, Parameter } from '../nn/index.ts';
import { add, binarize, mul, relu, reshape, sigmoid, standardize, type Tensor } from '../tensor/index.ts';
import { UNet } from './networks/unet.ts';

export type Activation = 'sigmoid' | 'relu' | 'hard';

/** Guards the division by the logits' standard deviation, as batch norm's ε does. */
const EPSILON = 1e-5;

/** U of METHOD.md §3: each map is normalised over itself, scaled and shifted by one learned pair, then squashed. */
export class Normalization extends Module {
  readonly weight = new Parameter([1], constant(1));
  readonly bias: Parameter;
  private readonly activation: Activation;

  /** `shift` is the initial bias: a positive one starts the gates nearer to 1. */
  constructor(activation: Activation, shift: number) {
    super();
    this.activation = activation;
    this.bias = new Parameter([1], constant(shift));
  }

  /** B×M logits, a map a row, to B×M probabilities. */
  forward(logits: Tensor): Tensor {
    const normal = add(mul(standardize(logits, EPSILON), this.weight.tensor), this.bias.tensor);
    if (this.activation === 'relu') return relu(normal);
    const p = sigmoid(normal);
    return this.activation === 'hard' ? binarize(p, 0.5) : p;
  }
}

export class Astrocyte extends Module {
  readonly network = new UNet();
  readonly u: Normalization;

  constructor({ activation = 'sigmoid', shift = 0 }: { activation?: Activation; shift?: number } = {}) {
    super();
    this.u = new Normalization(activation, shift);
  }

  /** B×H×W×1 feature maps to B×(H·W) probabilities. `crop` takes the filling off the B×(H·W) logits. */
  forward(features: Tensor, crop: (logits: Tensor) => Tensor = (logits) => logits): Tensor {
    const [batch, height, width] = features.shape;
    return this.u.forward(crop(reshape(this.network.forward(features), [batch, height * width])));
  }
}

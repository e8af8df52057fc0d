// Activations as modules, for those who like to see them among the layers of a Sequential; the ops themselves stand there as well.
import { AstroError } from '../../gpu/index.ts';
import {
  elu,
  type GeluOptions,
  gelu,
  hardSigmoid,
  hardSwish,
  leakyRelu,
  mish,
  relu,
  relu6,
  sigmoid,
  silu,
  softmax,
  softplus,
  tanh,
} from '../../ops/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import { Module } from '../module.ts';

/** A function of a tensor as a module without parameters: x of any shape, f32 or f16, to a result as x is. */
export class Activation extends Module {
  private readonly fn: (x: Tensor) => Tensor;

  /** Throws AstroError where `fn` is no function. */
  constructor(fn: (x: Tensor) => Tensor) {
    super();
    if (typeof fn !== 'function')
      throw new AstroError(`Activation: fn is ${typeof fn}; a function of a tensor is wanted`);
    this.fn = fn;
  }

  /** Throws TensorError for a dtype that the function does not take. */
  forward(x: Tensor): Tensor {
    return this.fn(x);
  }
}

/** max(x, 0), see relu. */
export class ReLU extends Activation {
  constructor() {
    super(relu);
  }
}

/** x between 0 and 6, see relu6. */
export class ReLU6 extends Activation {
  constructor() {
    super(relu6);
  }
}

/** x, times a slope below 0, see leakyRelu. */
export class LeakyReLU extends Activation {
  constructor(negativeSlope = 0.01) {
    super((x) => leakyRelu(x, negativeSlope));
  }
}

/** The exponential linear unit, see elu. */
export class ELU extends Activation {
  constructor(alpha = 1) {
    super((x) => elu(x, alpha));
  }
}

/** x · sigmoid(x), see silu. */
export class SiLU extends Activation {
  constructor() {
    super(silu);
  }
}

/** The Gaussian error linear unit, see gelu. */
export class GELU extends Activation {
  constructor(options: GeluOptions = {}) {
    super((x) => gelu(x, options));
  }
}

/** x · tanh(softplus(x)), see mish. */
export class Mish extends Activation {
  constructor() {
    super(mish);
  }
}

/** The logistic function, see sigmoid. */
export class Sigmoid extends Activation {
  constructor() {
    super(sigmoid);
  }
}

/** The hyperbolic tangent, see tanh. */
export class Tanh extends Activation {
  constructor() {
    super(tanh);
  }
}

/** A smooth ReLU, see softplus. */
export class Softplus extends Activation {
  constructor(beta = 1) {
    super((x) => softplus(x, beta));
  }
}

/** Sigmoid in straight lines, see hardSigmoid. */
export class HardSigmoid extends Activation {
  constructor() {
    super(hardSigmoid);
  }
}

/** SiLU in straight lines, see hardSwish. */
export class HardSwish extends Activation {
  constructor() {
    super(hardSwish);
  }
}

/** Softmax along an axis, by default the last, see softmax. */
export class Softmax extends Activation {
  constructor(axis = -1) {
    super((x) => softmax(x, axis));
  }
}

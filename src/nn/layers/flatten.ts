// All that belongs to a sample as one row, for linear layers behind convolutions.
import { reshape } from '../../ops/index.ts';
import { axisOf, type Tensor } from '../../tensor/index.ts';
import { Module } from '../module.ts';

/** Axes from `start` (default 1) to the last as one. Images lie channels last here: values are in another order than torch's have, which a linear layer's weight follows. */
export class Flatten extends Module {
  /** The first of the axes that become one. */
  readonly start: number;

  constructor(start = 1) {
    super();
    this.start = start;
  }

  /** x of any dtype. Throws TensorError where x has no axis `start`. */
  forward(x: Tensor): Tensor {
    return reshape(x, [...x.shape.slice(0, axisOf('Flatten', x, this.start)), -1]);
  }
}

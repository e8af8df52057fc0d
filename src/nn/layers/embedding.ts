// A table of vectors, looked up by number, as a layer.
import { cast, embedding } from '../../ops/index.ts';
import { needSizes, needTensors, type Tensor } from '../../tensor/index.ts';
import { type Initializer, normal } from '../init.ts';
import { Module, Parameter } from '../module.ts';

/** Of a table of vectors. */
export interface EmbeddingOptions {
  /** Of the table. Default normal(1), as torch's. */
  init?: Initializer;
}

/** u32 [...] → [..., width]: torch's Embedding. The weight is stored count×width, as torch has it. */
export class Embedding extends Module {
  /** f32 [count, width], a vector each. */
  readonly weight: Parameter;

  /** So many vectors of so many values. */
  constructor(count: number, width: number, { init = normal() }: EmbeddingOptions = {}) {
    super();
    needSizes('Embedding', { count, width });
    this.weight = new Parameter([count, width], init, { asTorch: true });
  }

  /** The vectors of the indices, of the precision that its network computes in; see embedding(). Throws TensorError for indices that are no u32. */
  forward(indices: Tensor): Tensor {
    needTensors('Embedding', indices);
    const { tensor } = this.weight;
    const vectors = embedding(tensor, indices);
    return tensor.half ? cast(vectors, 'f16') : vectors;
  }
}

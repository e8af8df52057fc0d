// What every task network offers besides its forward pass: which layers can be gated, and how channels flow between them.
import { type BatchNorm2d, type Conv2d, type Linear, Module, type Pass } from '../nn/index.ts';
import { cast, type Tensor } from '../tensor/index.ts';

/**
 * A layer whose connections can be removed. `input` and `output` name channel spaces: layers that share a space share its channels, which is
 * how residual sums are described (all producers of a sum write to one space).
 */
export interface GatedLayer {
  name: string;
  layer: Conv2d | Linear;
  /** The normalisation right after it, if any. */
  norm?: { name: string; layer: BatchNorm2d };
  input: string;
  output: string;
}

export abstract class Network extends Module {
  /** N×H×W×C images to N×classes logits. */
  abstract forward(x: Tensor, pass: Pass): Tensor;
  /** Images as the network computes: in f16 under precision f16, where a stream with that precision saves the conversion. */
  protected input(x: Tensor): Tensor {
    return x.dtype === this.precision ? x : cast(x, this.precision);
  }

  /** In forward order. The space `image` is the input, `logits` the output. */
  abstract gatedLayers(): GatedLayer[];
}

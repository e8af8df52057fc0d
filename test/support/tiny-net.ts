// A network small enough to reason about: two convolutions, a pool and a linear layer, without normalisation.
import { type GatedLayer, Network } from '../../src/models/index.ts';
import { Conv2d, Linear } from '../../src/nn/index.ts';
import { globalAvgPool, relu, type Tensor } from '../../src/tensor/index.ts';

export class TinyNet extends Network {
  readonly conv1 = new Conv2d(3, 6);
  readonly conv2 = new Conv2d(6, 10);
  readonly fc = new Linear(10, 4);

  forward(x: Tensor): Tensor {
    return this.fc.forward(globalAvgPool(relu(this.conv2.forward(relu(this.conv1.forward(x))))));
  }

  gatedLayers(): GatedLayer[] {
    return [
      { name: 'conv1', layer: this.conv1, input: 'image', output: 'a' },
      { name: 'conv2', layer: this.conv2, input: 'a', output: 'b' },
      { name: 'fc', layer: this.fc, input: 'b', output: 'logits' },
    ];
  }
}

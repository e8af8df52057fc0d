// The CIFAR ResNets: 3×3 stem without pooling, BasicBlocks, 1×1 projection where stride or width changes (He et al. 2016; METHOD.md §9).
import { BatchNorm2d, Conv2d, Linear, Module, type Pass } from '../nn/index.ts';
import { globalAvgPool, type Tensor } from '../tensor/index.ts';
import { type GatedLayer, Network } from './network.ts';

export interface ResNetConfig {
  /** Blocks in each stage. */
  blocks: number[];
  /** Channels in each stage; the stem has those of the first. */
  widths: number[];
  classes: number;
}

export class BasicBlock extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  /** 1×1 convolution and normalisation, where the shapes differ. */
  readonly downsample: [] | [Conv2d, BatchNorm2d];

  constructor(inputs: number, outputs: number, stride: number) {
    super();
    this.conv1 = new Conv2d(inputs, outputs, { stride });
    this.bn1 = new BatchNorm2d(outputs);
    this.conv2 = new Conv2d(outputs, outputs);
    this.bn2 = new BatchNorm2d(outputs);
    this.downsample =
      stride !== 1 || inputs !== outputs
        ? [new Conv2d(inputs, outputs, { kernel: 1, stride }), new BatchNorm2d(outputs)]
        : [];
  }

  forward(x: Tensor, pass: Pass): Tensor {
    const [conv, norm] = this.downsample;
    const shortcut = conv && norm ? norm.after(conv, x, pass) : x;
    const inner = this.bn1.after(this.conv1, x, pass, { relu: true });
    return this.bn2.after(this.conv2, inner, pass, { relu: true, residual: shortcut });
  }
}

export class ResNet extends Network {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly layer1: BasicBlock[];
  readonly layer2: BasicBlock[];
  readonly layer3: BasicBlock[];
  readonly layer4: BasicBlock[];
  readonly fc: Linear;

  constructor({ blocks, widths, classes }: ResNetConfig) {
    super();
    this.conv1 = new Conv2d(3, widths[0]);
    this.bn1 = new BatchNorm2d(widths[0]);
    const stages = blocks.map((count, s) =>
      Array.from(
        { length: count },
        (_, i) => new BasicBlock(i > 0 ? widths[s] : widths[Math.max(0, s - 1)], widths[s], i === 0 && s > 0 ? 2 : 1),
      ),
    );
    [this.layer1, this.layer2, this.layer3, this.layer4] = [
      stages[0],
      stages[1] ?? [],
      stages[2] ?? [],
      stages[3] ?? [],
    ];
    this.fc = new Linear(widths[widths.length - 1], classes);
  }

  private blocks(): { name: string; block: BasicBlock }[] {
    return [this.layer1, this.layer2, this.layer3, this.layer4].flatMap((stage, s) =>
      stage.map((block, i) => ({ name: `layer${s + 1}.${i}`, block })),
    );
  }

  /** N×H×W×3 to N×classes; H and W multiples of 8 for four stages. */
  forward(x: Tensor, pass: Pass): Tensor {
    let y = this.bn1.after(this.conv1, this.input(x), pass, { relu: true });
    for (const { block } of this.blocks()) y = block.forward(y, pass);
    return this.fc.forward(globalAvgPool(y));
  }

  gatedLayers(): GatedLayer[] {
    const layers: GatedLayer[] = [
      { name: 'conv1', layer: this.conv1, norm: { name: 'bn1', layer: this.bn1 }, input: 'image', output: 'stem' },
    ];
    let space = 'stem';
    for (const { name, block } of this.blocks()) {
      const [conv, norm] = block.downsample;
      const output = conv ? name : space;
      const inner = `${name}.inner`;
      layers.push(
        {
          name: `${name}.conv1`,
          layer: block.conv1,
          norm: { name: `${name}.bn1`, layer: block.bn1 },
          input: space,
          output: inner,
        },
        {
          name: `${name}.conv2`,
          layer: block.conv2,
          norm: { name: `${name}.bn2`, layer: block.bn2 },
          input: inner,
          output,
        },
      );
      if (conv && norm)
        layers.push({
          name: `${name}.downsample.0`,
          layer: conv,
          norm: { name: `${name}.downsample.1`, layer: norm },
          input: space,
          output,
        });
      space = output;
    }
    layers.push({ name: 'fc', layer: this.fc, input: space, output: 'logits' });
    return layers;
  }
}

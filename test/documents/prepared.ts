// Somebody's files that programs of documents read, made small: by document, what lies in the folder that its program runs in.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BoxInst } from '../../src/detect/model/box-inst.ts';
import { type StoredTensor, writeSafetensors } from '../../src/io/safetensors.ts';
import { GraphBuilder } from '../../src/models/graph/builder.ts';
import { resnet } from '../../src/models/zoo/resnet.ts';
import { type Module, Parameter } from '../../src/nn/module.ts';
import { torchShape } from '../../src/nn/state-dict.ts';
import { writeNetwork } from '../../src/train/files/network-file.ts';
import { plain } from '../data/folder/image-files.ts';
import { adelaidetName } from '../support/detector.ts';
import { drawCoco } from '../support/drawn-coco.ts';

/** Pictures of one color, `train` and `test` of each class. */
export async function drawImageNet(folder: string, counts: { train: number; val: number }): Promise<void> {
  for (const [part, count] of Object.entries(counts))
    for (const [c, name] of ['n01', 'n02'].entries()) {
      mkdirSync(join(folder, part, name), { recursive: true });
      const file = await plain([80 * c, 120, 40], 32, 24)
        .jpeg()
        .toBuffer();
      for (let i = 0; i < count; i++) writeFileSync(join(folder, part, name, `${i}.jpg`), file);
    }
}

/** Zeros for all parameters and running statistics of a module, in torch's layout, under names that others have for them. */
export function writeZeros(file: string, module: Module, rename = (name: string): string => name): void {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, value] of [...module.namedParameters(), ...module.namedBuffers()]) {
    const asTorch = value instanceof Parameter && value.asTorch;
    const shape = torchShape({ shape: value.shape, asTorch });
    tensors.set(rename(name), {
      dtype: 'F16',
      shape,
      data: new Uint16Array(shape.reduce((a, b) => a * b, 1)),
    });
  }
  writeSafetensors(file, tensors);
}

/** Zeros under AdelaiDet's names, for a BoxInst on a ResNet50. */
function writePublished(file: string): void {
  const shape = {
    model: 'resnet50',
    blocks: [3, 4, 6, 3],
    widths: [64, 128, 256, 512],
    expansion: 4,
    classes: 1000,
  } as const;
  writeZeros(file, new BoxInst({ backbone: resnet({ ...shape, stem: 'imagenet' }), classes: 80 }), adelaidetName);
}

/** A network that tells red and blue apart by the means of their channels, and a red picture. */
async function writeColors(folder: string): Promise<void> {
  const builder = new GraphBuilder();
  builder.linear(builder.globalPool(builder.image()), 'fc', 2);
  const dict = new Map([
    ['fc.weight', { shape: [2, 3], data: Float32Array.of(1, 0, -1, -1, 0, 1) }],
    ['fc.bias', { shape: [2], data: Float32Array.of(0, 0) }],
  ]);
  const normalization = { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] };
  const file = { graph: builder.graph('colors', 8), dict, classes: ['red', 'blue'], normalization };
  writeNetwork(join(folder, 'colors-folded.safetensors'), file);
  await plain([220, 40, 30], 12, 12).png().toFile(join(folder, 'red.png'));
}

export const PREPARED: Record<string, (folder: string) => unknown> = {
  'docs/guide/embed.md': writeColors,
  'docs/guide/large-sets.md': (folder) => drawImageNet(join(folder, 'imagenet'), { train: 32, val: 4 }),
  'docs/guide/pictures-with-objects.md': (folder) => drawCoco(join(folder, 'coco')),
  'docs/guide/checkpoints.md': (folder) => writePublished(join(folder, 'BoxInst_MS_R_50_1x.safetensors')),
};

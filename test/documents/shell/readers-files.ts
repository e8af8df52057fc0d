// What the lines of a document take for granted: pictures and checkpoints of a reader's, small and drawn, in the folder that they run in.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NORMALIZATIONS } from '../../../src/data/image/normalization.ts';
import { createModel } from '../../../src/models/zoo/registry.ts';
import { writeNetwork } from '../../../src/train/files/network-file.ts';
import { randomDict } from '../../cli/samples.ts';
import { plain } from '../../data/folder/image-files.ts';
import { smallBackbone } from '../../support/detector.ts';
import { drawCoco } from '../../support/drawn-coco.ts';
import { drawImageNet, writeZeros } from '../prepared.ts';

/** photos/cat and photos/dog, six pictures each; cat.jpg; and the list of both classes. */
async function drawPhotos(folder: string): Promise<void> {
  for (const [name, red] of Object.entries({ cat: 200, dog: 30 })) {
    mkdirSync(join(folder, 'photos', name), { recursive: true });
    for (let i = 0; i < 6; i++)
      await plain([red, 20 * i, 90], 24, 20)
        .jpeg()
        .toFile(join(folder, 'photos', name, `${i}.jpg`));
  }
  copyFileSync(join(folder, 'photos/cat/0.jpg'), join(folder, 'cat.jpg'));
  writeFileSync(join(folder, 'list.txt'), 'dog a dog\ncat a cat\n');
}

const drawSmallImageNet = (folder: string): Promise<void> =>
  drawImageNet(join(folder, 'imagenet'), { train: 8, val: 2 });

export const READERS_FILES: Record<string, (folder: string) => Promise<void>> = {
  'docs/guide/train.md': async (folder) => {
    await Promise.all([drawPhotos(folder), drawSmallImageNet(folder), drawCoco(join(folder, 'coco'))]);
    writeZeros(join(folder, 'resnet18.safetensors'), createModel('resnet18-imagenet', { classes: 2 }));
    const graph = smallBackbone();
    const { imagenet } = NORMALIZATIONS;
    writeNetwork(join(folder, 'backbone.safetensors'), {
      graph,
      dict: randomDict(graph),
      classes: ['a', 'b', 'c'],
      normalization: imagenet,
    });
  },
  'docs/guide/checkpoints.md': async (folder) => {
    await Promise.all([drawPhotos(folder), drawSmallImageNet(folder)]);
    mkdirSync(join(folder, 'vit-base-patch16-224'));
    writeZeros(join(folder, 'vit-base-patch16-224/model.safetensors'), createModel('vit-t-16', { classes: 2 }));
    writeZeros(join(folder, 'deit_tiny.safetensors'), createModel('vit-t-16'));
  },
};

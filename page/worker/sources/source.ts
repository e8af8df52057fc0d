// Where images come from: drawn here, or from files that a person gave.
import { type CifarLayout, cifar10Layout, drawStandIn } from 'astrogpu/data';
import { AstroError } from 'astrogpu/gpu';
import type { DataSource } from '../../protocol.ts';
import type { Images } from '../images.ts';
import { drawnSizes } from '../settings.ts';
import { readCifarFiles } from './cifar10.ts';
import { readFolder } from './folder.ts';
import type { Decode } from './picture.ts';

/** What images are read with. */
export interface SourceWorld {
  /** Defaults are those of a software adapter. */
  software: boolean;
  decode: Decode;
  /** What CIFAR-10's files are; tests have smaller ones. */
  cifar10?: CifarLayout;
}

/** Most images to draw: more would be a long wait. */
const MOST_DRAWN = 50_000;

/** Takes images in. Throws AstroError for what no set can be made of. */
export async function readSource(source: DataSource, world: SourceWorld): Promise<Images> {
  const { software, decode, cifar10 = cifar10Layout } = world;
  switch (source.kind) {
    case 'drawn':
      return draw({ ...drawnSizes(software), ...source });
    case 'cifar10':
      return readCifarFiles(source.files, cifar10);
    case 'folder':
      return readFolder(source.files, { size: source.size, decode });
    default:
      throw new AstroError(`there are no images of the kind "${(source as { kind: string }).kind}"`);
  }
}

function draw({ train, test, seed }: { train: number; test: number; seed?: number }): Images {
  for (const [name, count] of Object.entries({ train, test }))
    if (!Number.isInteger(count) || count < 1 || count > MOST_DRAWN)
      throw new AstroError(`${name} ${count}: takes a whole number from 1 to ${MOST_DRAWN}`);
  const sets = drawStandIn({ train, test, seed });
  return { ...sets, name: 'shapes drawn in random colors, places and noise', drawn: true, leftOut: [] };
}

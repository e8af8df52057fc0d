// Where images come from: drawn here, or from files that a person gave.
import { drawStandIn } from 'astrogpu/data';
import { AstroError } from 'astrogpu/gpu';
import type { DataSource } from '../protocol.ts';
import type { Images } from './images.ts';
import { drawnSizes } from './settings.ts';

/** Most images to draw: more would be a long wait. */
const MOST_DRAWN = 50_000;

/** Takes images in. Throws AstroError for what no set can be made of. */
export async function readSource(source: DataSource, software: boolean): Promise<Images> {
  switch (source.kind) {
    case 'drawn':
      return draw({ ...drawnSizes(software), ...source });
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

// Task networks by name. A new one is one line here.
import { AstroError } from '../gpu/index.ts';
import type { Network } from './network.ts';
import { ResNet } from './resnet.ts';

const WIDTHS = [64, 128, 256, 512];

const makers: Record<string, (classes: number) => Network> = {
  resnet18: (classes) => new ResNet({ blocks: [2, 2, 2, 2], widths: WIDTHS, classes }),
  resnet34: (classes) => new ResNet({ blocks: [3, 4, 6, 3], widths: WIDTHS, classes }),
  'resnet-small': (classes) => new ResNet({ blocks: [1, 1, 1], widths: [16, 32, 64], classes }),
};

export const modelNames: readonly string[] = Object.keys(makers);

/** A network by name, without memory yet. Throws AstroError that lists the names. */
export function createModel(name: string, { classes = 10 } = {}): Network {
  const make = Object.hasOwn(makers, name) ? makers[name] : undefined;
  if (!make) throw new AstroError(`there is no model "${name}"; there are ${modelNames.join(', ')}`);
  return make(classes);
}

// Astrocyte networks by name. A new one is a file with its class beside this one, and one line here.
import { AstroError } from '../../gpu/index.ts';
import type { MapSize } from '../packing/region-groups.ts';
import { Axial } from './axial.ts';
import { Cnn } from './cnn.ts';
import { Fcn } from './fcn.ts';
import type { AstrocyteNetwork } from './network.ts';
import { UNet } from './unet.ts';

/** Makes an astrocyte network without memory yet. `maps` are the sizes that it will see, for one that has to know them, `inputs` the features of a gate. */
export type AstrocyteMaker = (maps?: readonly MapSize[], inputs?: number) => AstrocyteNetwork;

const builtIn = {
  unet: (_, inputs) => new UNet(inputs),
  fcn: (_, inputs) => new Fcn(inputs),
  cnn: (maps, inputs) => new Cnn(maps, inputs),
  axial: (_, inputs) => new Axial(inputs),
} satisfies Record<string, AstrocyteMaker>;

/** A network of `astrocyteNames`, or one that addAstrocyteNetwork was given. */
export type AstrocyteName = keyof typeof builtIn | (string & {});

/** The astrocyte networks that are there without addAstrocyteNetwork: those of docs/method.md §3. */
export const astrocyteNames = Object.keys(builtIn) as readonly (keyof typeof builtIn)[];

const makers = new Map<string, AstrocyteMaker>(Object.entries(builtIn));

/** Makes an astrocyte network of one's own known by a name. Returns what takes it out again. Throws AstroError for a name that is taken. */
export function addAstrocyteNetwork(name: string, make: AstrocyteMaker): () => void {
  if (makers.has(name)) throw new AstroError(`there is an astrocyte network "${name}" already; take another name`);
  makers.set(name, make);
  return () => makers.delete(name);
}

/** An astrocyte network without memory yet; cnn needs `maps`. Throws AstroError that lists the names for another one, and for one that does not see so many `inputs`. */
export function createAstrocyteNetwork(name: AstrocyteName, maps?: readonly MapSize[], inputs = 1): AstrocyteNetwork {
  const make = makers.get(name);
  if (!make)
    throw new AstroError(`there is no astrocyte network "${name}"; there are ${[...makers.keys()].join(', ')}`);
  const network = make(maps, inputs);
  if (network.inputs !== inputs)
    throw new AstroError(
      `the astrocyte network ${name} was made for ${network.inputs} of the ${inputs} features of each gate: hand \`inputs\` on to AstrocyteNetwork, or take another input`,
    );
  return network;
}

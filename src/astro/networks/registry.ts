// Astrocyte networks by name. A new one is one line here.
import { AstroError } from '../../gpu/index.ts';
import type { MapSize } from '../packing/region-groups.ts';
import { Cnn } from './cnn.ts';
import { Fcn } from './fcn.ts';
import type { AstrocyteNetwork } from './network.ts';
import { UNet } from './unet.ts';

export type AstrocyteName = 'unet' | 'fcn' | 'cnn';

const makers: Record<AstrocyteName, (maps?: readonly MapSize[]) => AstrocyteNetwork> = {
  unet: () => new UNet(),
  fcn: () => new Fcn(),
  cnn: (maps) => {
    if (!maps)
      throw new AstroError(
        'the astrocyte network cnn is built for the shapes of its maps: give `maps`, a layout has them',
      );
    return new Cnn(maps);
  },
};

export const astrocyteNames = Object.keys(makers) as readonly AstrocyteName[];

/** An astrocyte network without memory yet; cnn needs `maps`. Throws AstroError that lists the names for another one. */
export function createAstrocyteNetwork(name: AstrocyteName, maps?: readonly MapSize[]): AstrocyteNetwork {
  if (!Object.hasOwn(makers, name))
    throw new AstroError(`there is no astrocyte network "${name}"; there are ${astrocyteNames.join(', ')}`);
  return makers[name](maps);
}

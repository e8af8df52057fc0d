// jax-js in Node.
import { installedVersion } from '../common/versions.ts';
import type { Peer } from './comparison.ts';
import { jaxPeer } from './jax-peer.ts';
import { providePage } from './page.ts';

/** Opens its own device on the same adapter. Throws AstroError where the package is not installed. */
export async function openJax(): Promise<Peer> {
  await providePage();
  return jaxPeer(installedVersion('@jax-js/jax'));
}

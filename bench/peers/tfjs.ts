// TensorFlow.js in Node.
import type { Peer } from './comparison.ts';
import { providePage } from './page.ts';
import { tfjsPeer } from './tfjs-peer.ts';

/** Opens its own device on the same adapter. Throws AstroError where the package is not installed. */
export async function openTfjs(): Promise<Peer> {
  await providePage();
  return tfjsPeer();
}

// The page of a comparison in a browser: esbuild bundles this with the package as pages get it, and its one function is called from outside.
import { Gpu } from 'astrogpu/gpu';
import type { Peer } from './comparison.ts';
import type { Measured, Wanted } from './in-browser.ts';
import { jaxPeer } from './jax-peer.ts';
import { compare } from './measure.ts';
import type { PeerName } from './options.ts';
import { stepComparison } from './step.ts';
import { tfjsPeer } from './tfjs-peer.ts';

/** A peer that fails is left out, with what it said; the others are compared. */
async function measure({ peers: names, model, batch, rounds, jaxVersion }: Wanted): Promise<Measured> {
  const open: Record<PeerName, () => Promise<Peer>> = { tfjs: tfjsPeer, jax: () => jaxPeer(jaxVersion) };
  const gpu = await Gpu.open();
  const comparison = stepComparison(model, batch, 32);
  const failed: Measured['failed'] = {};
  const peers: Peer[] = [];
  for (const name of names) {
    try {
      const peer = await open[name]();
      // Its results alone, before its turns beside the others.
      if (names.length > 1) await compare(comparison, gpu, [peer], 0);
      peers.push(peer);
    } catch (error) {
      failed[name] = String((error as Error).message).split('\n')[0];
    }
  }
  const versions = Object.fromEntries(peers.map(({ name, version }) => [name, version]));
  return { adapter: gpu.adapter, versions, failed, row: await compare(comparison, gpu, peers, rounds) };
}

Object.assign(globalThis, { measure });

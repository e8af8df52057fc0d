// The gates of a stage by its configuration: where they stand, the astrocyte that makes them, and what regulates them.
import {
  Astrocyte,
  type AstrocyteOptions,
  featuresOf,
  GateLayout,
  leftUngated,
  type NetworkGates,
  OpenGates,
  Regulator,
} from '../../astro/index.ts';
import type { Gpu } from '../../gpu/index.ts';
import type { Network } from '../../models/index.ts';
import { loadStateDict, type StateTensor } from '../../nn/index.ts';
import type { JobConfig } from '../config.ts';

/** The gates of a network under a configuration. */
export const gatesOf = (network: Network, { gate, gated, noGate, group }: JobConfig): GateLayout =>
  new GateLayout(network, gate, leftUngated(network, gated, noGate), group);

/** What a configuration makes of an astrocyte. */
export const astrocyteOptions = ({ an: network, u: activation, ...config }: JobConfig): AstrocyteOptions => ({
  network,
  inputs: featuresOf(config.input),
  activation,
  shift: config.shift,
  temperature: config.temperature,
  logitSkipScale: config.logitSkipScale,
  zeroInit: config.zeroInit,
});

/** An astrocyte for a layout: fresh by the seed, or with these values. Throws StateDictError where they are not its. */
export function createAstrocyte(
  gpu: Gpu,
  config: JobConfig,
  { maps }: GateLayout,
  dict?: ReadonlyMap<string, StateTensor>,
): Astrocyte {
  const astrocyte = new Astrocyte({ ...astrocyteOptions(config), maps }).to(gpu, config.seed);
  try {
    if (dict) loadStateDict(astrocyte, dict);
    return astrocyte;
  } catch (error) {
    astrocyte.release();
    throw error;
  }
}

/** What makes a network's gates: an astrocyte by its regulation, or weights alone where there is none. */
export const networkGates = (gpu: Gpu, config: JobConfig, layout: GateLayout, astrocyte?: Astrocyte): NetworkGates =>
  astrocyte ? new Regulator(gpu, layout, astrocyte, { ...config, feature: config.g }) : new OpenGates(gpu, layout);

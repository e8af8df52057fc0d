// What the gates of a job are: their layouts for each arm, the astrocytes that make them, and what these cost.
import {
  Astrocyte,
  type AstrocyteCost,
  type AstrocyteOptions,
  astrocyteCost,
  featuresOf,
  GateLayout,
  leftUngated,
} from '../../astro/index.ts';
import { ConfigError, type Gpu } from '../../gpu/index.ts';
import { CheckpointError, readSafetensors } from '../../io/index.ts';
import { createModel, GraphError, type Network } from '../../models/index.ts';
import { floatsOf, loadStateDict, StateDictError, type StateTensor } from '../../nn/index.ts';
import type { JobConfig } from '../config.ts';
import { asArm } from '../recipes.ts';
import { planStages } from './stage-plan.ts';
import { networkOptions, readStartingWeights, startingNetwork } from './start.ts';

/** A configuration that a job's arms with gates have. */
interface GatedArms {
  config: JobConfig;
  /** Does an astrocyte make their gates? */
  hasAstrocyte: boolean;
  /** Of the paper's arm, whose readings are its own. */
  role?: 'paper';
}

/** The configurations that a job's arms with gates have: its own, and the paper's. */
export function gatedArms(job: JobConfig): GatedArms[] {
  const gated = planStages(job).filter(({ regulated }) => regulated);
  return ([undefined, 'paper'] as const).flatMap((role) => {
    const stages = gated.filter((stage) => (stage.role === 'paper') === (role === 'paper'));
    const hasAstrocyte = stages.some(({ astrocyte }) => astrocyte !== 'none');
    return stages.length > 0 ? [{ config: asArm(job, role), hasAstrocyte, role }] : [];
  });
}

/** The gates that a configuration has. */
export function layoutOf(config: JobConfig, classes?: number, size?: number): GateLayout {
  const { model, width, weights } = config;
  const network =
    weights === undefined
      ? trained(config, () => createModel(model, { classes, width, size, ...networkOptions(config) }))
      : startingNetwork(readStartingWeights(weights), config, {
          classes: Array(classes ?? 2).fill(''),
          height: size ?? 32,
        });
  return gatesOf(network, config);
}

/** The gates of a network under a configuration. */
export const gatesOf = (network: Network, { gate, gated, noGate, group }: JobConfig): GateLayout =>
  new GateLayout(network, gate, leftUngated(network, gated, noGate), group);

/** What the gates of a job's arms cost an astrocyte. */
export interface GateCost {
  cost: AstrocyteCost;
  /** As those arms have it. */
  config: JobConfig;
  /** Of the paper's arm beside another recipe; else of all arms with gates. */
  role?: 'paper';
}

/** What the gates of a job cost its astrocytes, its own first and then that of the paper's arm; none for a job without. Throws as checkJob does. */
export function gateCosts(gpu: Gpu, job: JobConfig, classes?: number): GateCost[] {
  return gatedArms(job)
    .filter(({ hasAstrocyte }) => hasAstrocyte)
    .map(({ config, role }) => ({
      config,
      role,
      cost: astrocyteCost(gpu, astrocyteOptions(config), layoutOf(config, classes)),
    }));
}

/** Makes a network, and says which setting is to blame where its graph has nothing to leave out. Throws ConfigError. */
function trained(config: JobConfig, make: () => Network): Network {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof GraphError) || config.dropPath === 0) throw error;
    throw new ConfigError('dropPath', (name) => `${name('dropPath', config.dropPath)}: ${error.message}`);
  }
}

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

/** A fresh astrocyte, or the one that a file holds. Throws CheckpointError. */
export function loadAstrocyte(gpu: Gpu, config: JobConfig, { maps }: GateLayout, file?: string): Astrocyte {
  const astrocyte = new Astrocyte({ ...astrocyteOptions(config), maps }).to(gpu, config.seed);
  if (file === undefined) return astrocyte;
  try {
    const { tensors } = readSafetensors(file);
    const dict = new Map<string, StateTensor>();
    for (const [name, tensor] of tensors) {
      const data = floatsOf(tensor);
      if (!data) throw new CheckpointError(file, `tensor ${name} is ${tensor.dtype}, an astrocyte's are F32`);
      dict.set(name, { shape: tensor.shape, data });
    }
    loadStateDict(astrocyte, dict);
    return astrocyte;
  } catch (error) {
    astrocyte.release();
    throw error instanceof StateDictError ? new CheckpointError(file, error.message) : error;
  }
}

// What the gates of a job are: their layouts for each arm, the astrocytes that make them, and what these cost.
import { type Astrocyte, type AstrocyteCost, astrocyteCost, type GateLayout } from '../../astro/index.ts';
import { ConfigError, type Gpu } from '../../gpu/index.ts';
import { CheckpointError, readSafetensors } from '../../io/index.ts';
import { createModel, GraphError, type Network } from '../../models/index.ts';
import { floatsOf, StateDictError, type StateTensor } from '../../nn/index.ts';
import type { JobConfig } from '../config.ts';
import { asArm } from '../recipes.ts';
import { networkOptions } from '../stages/build.ts';
import { astrocyteOptions, createAstrocyte, gatesOf } from '../stages/gates.ts';
import { planStages } from './stage-plan.ts';
import { readStartingWeights, startingNetwork } from './start.ts';

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

/** A fresh astrocyte, or the one that a file holds. Throws CheckpointError. */
export function loadAstrocyte(gpu: Gpu, config: JobConfig, layout: GateLayout, file?: string): Astrocyte {
  if (file === undefined) return createAstrocyte(gpu, config, layout);
  const dict = new Map<string, StateTensor>();
  for (const [name, tensor] of readSafetensors(file).tensors) {
    const data = floatsOf(tensor);
    if (!data) throw new CheckpointError(file, `tensor ${name} is ${tensor.dtype}, an astrocyte's are F32`);
    dict.set(name, { shape: tensor.shape, data });
  }
  try {
    return createAstrocyte(gpu, config, layout, dict);
  } catch (error) {
    if (!(error instanceof StateDictError)) throw error;
    throw new CheckpointError(
      file,
      `${error.message}; this job's astrocyte is ${config.an}, of the recipe ${config.recipe}: take the recipe and the structure that the file was searched with`,
    );
  }
}

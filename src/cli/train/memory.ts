// What memory a run will need, said before it begins, and the micro-batch that fits where the run is to find it.
import { totalmem } from 'node:os';
import { ConfigError, megabytes } from '../../gpu/index.ts';
import {
  type JobConfig,
  largestMicroBatch,
  type MemoryPlan,
  type MemoryQuestion,
  partsOf,
  planMemory,
} from '../../train/index.ts';

/** Of a machine's memory, what a run on its processor may take. */
const SHARE = 0.5;

/** A line for people. */
function inWords({ parameters, optimizer, astrocyte, images, perImage, total }: MemoryPlan, micro: number): string {
  const parts = [
    `parameters and gradients ${megabytes(parameters)}`,
    `optimizer ${megabytes(optimizer)}`,
    `astrocyte and whatever images do not change ${megabytes(astrocyte)}`,
    ...(images > 0 ? [`training images ${megabytes(images)}`] : []),
    `activations ${megabytes(perImage)} an image`,
  ];
  return `memory: ${megabytes(total(micro))} with ${micro} images at once (measured on a few): ${parts.join(', ')}`;
}

/**
 * Measures, and returns the configuration with the micro-batch that was asked for, and what is to be said. Throws ConfigError where one that fits is to be found and nobody knows what there is, or where
 * none does.
 */
export async function plannedMemory(question: MemoryQuestion): Promise<{ config: JobConfig; lines: string[] }> {
  const { gpu, config } = question;
  const plan = await planMemory(question);
  const known = Number.isFinite(gpu.memory.budget);
  const budget = known ? gpu.memory.budget : gpu.adapter.software ? SHARE * totalmem() : undefined;
  if (budget === undefined && config.microBatch === 'auto')
    throw new ConfigError(
      'microBatch',
      (name) => `${name('microBatch', 'auto')}: no device says how much memory it has: give ${name('memory')} in GiB`,
    );
  const largest = budget === undefined ? undefined : largestMicroBatch(plan, config, budget);
  const microBatch = config.microBatch === 'auto' ? largest! : config.batch / partsOf(config.batch, config);
  const lines = [inWords(plan, microBatch)];
  if (largest !== undefined)
    lines.push(
      `memory: ${known ? 'the budget' : "half of the machine's memory"}, ${megabytes(budget!)}, holds micro-batches of ${largest}${largest === config.batch ? ', the whole batch' : ''}`,
    );
  return { config: { ...config, ...(config.microBatch !== undefined && { microBatch }) }, lines };
}

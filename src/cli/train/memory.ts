// What memory a run will need, said before it begins, and the micro-batch that fits where the run is to find it.
import { totalmem } from 'node:os';
import type { AstrocyteCost } from '../../astro/index.ts';
import type { TaskImages } from '../../data/index.ts';
import { ConfigError, type Gpu, megabytes } from '../../gpu/index.ts';
import {
  estimateMemory,
  type JobConfig,
  largestMicroBatch,
  type MemoryPlan,
  type MemoryQuestion,
  partsOf,
  planMemory,
} from '../../train/index.ts';

/** Of a machine's memory, what a run on its processor may take. */
const SHARE = 0.5;

/** Bytes that a run may take, and in whose words; undefined where nobody knows. */
function budgetOf({ memory, adapter }: Gpu): { bytes: number; whose: string } | undefined {
  if (Number.isFinite(memory.budget)) return { bytes: memory.budget, whose: 'the budget' };
  return adapter.software ? { bytes: SHARE * totalmem(), whose: "half of the machine's memory" } : undefined;
}

/** Bytes that the programs of a detector's padded sizes may hold together where the budget does not say it: of a GPU, and as a part of the machine's memory where that is the GPU's. */
const PROGRAMS = { gpu: 16 * 2 ** 30, part: 1 / 3 };

/** Bytes for the programs of a detector's padded sizes: the budget, or what is usual. */
export function programMemory({ memory, adapter }: Gpu): number {
  if (Number.isFinite(memory.budget)) return memory.budget;
  return adapter.software ? PROGRAMS.part * totalmem() : PROGRAMS.gpu;
}

/** A line for people; `about` says where it is from. */
function inWords(
  { parameters, optimizer, astrocyte, images, perImage, total }: MemoryPlan,
  micro: number,
  about: string,
): string {
  const parts = [
    `parameters and gradients ${megabytes(parameters)}`,
    `optimizer ${megabytes(optimizer)}`,
    ...(astrocyte > 0 ? [`astrocyte and whatever images do not change ${megabytes(astrocyte)}`] : []),
    ...(images > 0 ? [`training images ${megabytes(images)}`] : []),
    `activations ${megabytes(perImage)} an image`,
  ];
  return `memory: ${megabytes(total(micro))} with ${micro} images at once (${about}): ${parts.join(', ')}`;
}

/** What a run will need by the shapes of its network alone, as a line: nothing is measured. */
export function estimatedMemory(gpu: Gpu, config: JobConfig, train: TaskImages, cost?: AstrocyteCost): string {
  const plan = estimateMemory(config, train, cost);
  const budget = budgetOf(gpu);
  const tight = budget && plan.total(config.batch) > budget.bytes;
  return `${inWords(plan, config.batch, 'estimated by its shapes')}${tight ? `; more than ${budget.whose}, ${megabytes(budget.bytes)}: --micro-batch auto measures it and takes what fits` : ''}`;
}

/**
 * Measures, and returns the configuration with the micro-batch that was asked for, and what is to be said. Throws ConfigError where one that fits is to be found and nobody knows what there is, or where
 * none does.
 */
export async function plannedMemory(question: MemoryQuestion): Promise<{ config: JobConfig; lines: string[] }> {
  const { gpu, config } = question;
  const plan = await planMemory(question);
  const budget = budgetOf(gpu);
  if (budget === undefined && config.microBatch === 'auto')
    throw new ConfigError(
      'microBatch',
      (name) => `${name('microBatch', 'auto')}: no device says how much memory it has: give ${name('memory')} in GiB`,
    );
  const largest = budget === undefined ? undefined : largestMicroBatch(plan, config, budget.bytes);
  const microBatch = config.microBatch === 'auto' ? largest! : config.batch / partsOf(config.batch, config);
  const lines = [inWords(plan, microBatch, 'measured on a few')];
  if (largest !== undefined)
    lines.push(
      `memory: ${budget!.whose}, ${megabytes(budget!.bytes)}, holds micro-batches of ${largest}${largest === config.batch ? ', the whole batch' : ''}`,
    );
  return { config: { ...config, ...(config.microBatch !== undefined && { microBatch }) }, lines };
}

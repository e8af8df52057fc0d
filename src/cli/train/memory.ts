// What memory a run will need, said before it begins, and the micro-batch that fits where the run is to find it.
import { totalmem } from 'node:os';
import type { TaskImages } from '../../data/index.ts';
import { ConfigError, type Gpu, megabytes } from '../../gpu/index.ts';
import {
  estimateMemory,
  type GateCost,
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

/** What a budget holds of a run, as a line; where nobody knows one, how to say it. Throws ConfigError where it does not even hold one image. */
function whatFits(plan: MemoryPlan, config: JobConfig, budget: ReturnType<typeof budgetOf>): string {
  if (budget === undefined)
    return 'memory: no device says how much it has; with --memory GIB a run says the largest micro-batch that fits, and --micro-batch auto takes it';
  const largest = largestMicroBatch(plan, config, budget.bytes);
  return `memory: ${budget.whose}, ${megabytes(budget.bytes)}, holds micro-batches of ${largest}${largest === config.batch ? ', the whole batch' : ''}`;
}

/** About what a run will need, by the shapes of its network alone: in bytes, and as a line. `costs` are those of its gates. */
export function neededMemory(
  config: JobConfig,
  train: TaskImages,
  costs?: readonly GateCost[],
): { bytes: number; line: string } {
  const plan = estimateMemory(config, train, costs);
  const micro = config.batch / partsOf(config.batch, config);
  return { bytes: plan.total(micro), line: inWords(plan, micro, 'estimated by its shapes') };
}

/** What a run will need by the shapes of its network alone, and what would fit, as lines: nothing is measured, and nothing refused. */
export function estimatedMemory(gpu: Gpu, config: JobConfig, train: TaskImages, costs?: readonly GateCost[]): string[] {
  const plan = estimateMemory(config, train, costs);
  const budget = budgetOf(gpu);
  const { line: needs } = neededMemory(config, train, costs);
  if (budget === undefined) return [needs, whatFits(plan, config, budget)];
  const measured = 'by this estimate; --micro-batch auto measures it and takes what fits';
  if (plan.total(1) > budget.bytes)
    return [needs, `memory: ${budget.whose}, ${megabytes(budget.bytes)}, does not hold one image, ${measured}`];
  const tight = plan.total(config.batch) > budget.bytes;
  return [needs, `${whatFits(plan, config, budget)}, ${tight ? measured : 'by this estimate'}`];
}

/**
 * Measures, and returns the configuration with the micro-batch that was asked for, and what is to be said. Throws ConfigError where one that fits is to be found and nobody knows what there is, or where
 * none does.
 */
export async function plannedMemory(question: MemoryQuestion): Promise<{ config: JobConfig; lines: string[] }> {
  const { gpu, config } = question;
  checkBudget(gpu, config);
  const plan = await planMemory(question);
  const budget = budgetOf(gpu);
  const fits = whatFits(plan, config, budget);
  const microBatch =
    config.microBatch === 'auto'
      ? largestMicroBatch(plan, config, budget!.bytes)
      : config.batch / partsOf(config.batch, config);
  return {
    config: { ...config, ...(config.microBatch !== undefined && { microBatch }) },
    lines: [inWords(plan, microBatch, 'measured on a few'), fits],
  };
}

/** Throws ConfigError where the micro-batch that fits is to be found and nobody knows how much memory there is. */
export function checkBudget(gpu: Gpu, { microBatch }: Partial<Pick<JobConfig, 'microBatch'>>): void {
  if (microBatch === 'auto' && budgetOf(gpu) === undefined)
    throw new ConfigError(
      'microBatch',
      (name) => `${name('microBatch', 'auto')}: no device says how much memory it has: give ${name('memory')} in GiB`,
    );
}

// What memory a run will need, measured before it begins: plain steps on two images and on four tell what an image takes, and one of the heaviest stage what is there
// whatever the images. Under an astrocyte small steps do not tell: its maps hide them.
import { chosenImages, isOnDisk, type TaskImages } from '../../data/index.ts';
import { ConfigError, type Gpu } from '../../gpu/index.ts';
import { type JobConfig, partsOf } from '../config.ts';
import { StageFactory } from './stage-factory.ts';
import type { StagePlan } from './stage-plan.ts';

/** What is measured with, and on which images. */
export interface MemoryQuestion {
  gpu: Gpu;
  config: JobConfig;
  train: TaskImages;
  test: TaskImages;
}

/** Bytes, as the allocator counts them. */
export interface MemoryPlan {
  /** The network's values, with their gradients, and f16 copies where there are any. */
  parameters: number;
  /** What its optimizer remembers, and an average of the weights. */
  optimizer: number;
  /** The astrocyte with its gates, maps and optimizer, and what else a step has whatever its images; 0 where no astrocyte takes part. */
  astrocyte: number;
  /** The images themselves, where they lie in GPU memory. */
  images: number;
  /** Of each image of a micro-batch: activations, their gradients, the batch. */
  perImage: number;
  /** What a run in such micro-batches takes in all. */
  total(microBatch: number): number;
}

/** Images of the two steps that are measured. */
const FEW = 2;
const MORE = 4;

/** A stage without an astrocyte. */
const PLAIN: StagePlan = { arm: 'memory', phase: 'guide', regulated: false, astrocyte: 'fresh', work: 1 };

/** The stages of which one takes most: the searches, which differ by what has gates, else a guide under an astrocyte. */
function heaviest({ phase, arms }: JobConfig): [StagePlan, ...StagePlan[]] {
  if (!phase.includes('search'))
    return [{ ...PLAIN, regulated: arms.some((arm) => arm === 'random' || arm === 'trained') }];
  const search: StagePlan = { ...PLAIN, phase: 'search', regulated: true };
  return arms.includes('paper') ? [search, { ...search, role: 'paper' }] : [search];
}

/** Bytes that a step of a stage, by default of the heaviest of the job's own, takes at its peak with so many images at once, beside what is there already; and those of them that are known by name. */
export async function measureStep(
  { gpu, config, train, test }: MemoryQuestion,
  batch: number,
  plan = heaviest(config)[0],
): Promise<{ peak: number; parameters: number; optimizer: number }> {
  const few = (set: TaskImages, count: number): TaskImages =>
    chosenImages(
      set,
      Uint32Array.from({ length: Math.min(count, set.count) }, (_, i) => i),
    );
  // Both parts of a search hold a batch.
  const images = Math.ceil((2 * batch) / Math.min(config.heldOut, 1 - config.heldOut));
  const own = { ...config, batch, microBatch: undefined, validation: undefined, images };
  await gpu.trim();
  const factory = new StageFactory({ gpu, config: own, train: few(train, images), test: few(test, 1), folder: '.' });
  const before = gpu.memory.stats().current;
  gpu.memory.resetPeak();
  const stage = factory.build(plan);
  try {
    await stage.step(0);
    await gpu.idle();
    const { values, gradients } = stage.network.arena;
    const remembered = [...stage.tensors()].filter(([name]) => /^(optimizer|average)\./.test(name));
    return {
      peak: gpu.memory.stats().peak - before,
      parameters: values.bytes + gradients.bytes + (values.half?.bytes ?? 0),
      optimizer: remembered.reduce((sum, [, { bytes }]) => sum + bytes, 0),
    };
  } finally {
    stage.release();
    factory.release();
    await gpu.trim();
  }
}

/** Measures what a run will need. Throws OutOfMemoryError where not even a few images fit. */
export async function planMemory(question: MemoryQuestion): Promise<MemoryPlan> {
  const { train } = question;
  const few = await measureStep(question, FEW, PLAIN);
  const more = await measureStep(question, MORE, PLAIN);
  let heavy = few;
  for (const stage of heaviest(question.config)) {
    const taken = stage.regulated ? await measureStep(question, FEW, stage) : few;
    if (taken.peak > heavy.peak) heavy = taken;
  }
  const perImage = Math.max(0, (more.peak - few.peak) / (MORE - FEW));
  const { parameters, optimizer } = heavy;
  const astrocyte = Math.max(0, heavy.peak - FEW * perImage - parameters - optimizer);
  const images = isOnDisk(train) ? 0 : train.count * train.height * train.width * train.channels;
  const fixed = parameters + optimizer + astrocyte + images;
  return { parameters, optimizer, astrocyte, images, perImage, total: (micro) => fixed + micro * perImage };
}

/** The largest micro-batch that a budget in bytes holds, in which the batch comes in equal parts. Throws ConfigError where not even one image fits. */
export function largestMicroBatch(plan: MemoryPlan, { batch }: Pick<JobConfig, 'batch'>, budget: number): number {
  const most = Math.floor((budget - plan.total(0)) / Math.max(1, plan.perImage));
  if (most < 1)
    throw new ConfigError(
      'microBatch',
      (name) =>
        `${name('microBatch', 'auto')}: one image takes ${Math.ceil(plan.total(1) / 2 ** 20)} MiB, and the budget is ${Math.floor(budget / 2 ** 20)} MiB: take ${name('recompute')}, ${name('precision', 'f16')} or a smaller ${name('size')} or ${name('width')}`,
    );
  return batch / partsOf(batch, { microBatch: Math.min(most, batch) });
}

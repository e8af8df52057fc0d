// How long a network takes for an image beside the whole one that it was made smaller from: the measure of compaction, for networks that nothing was cut from.
import { openImages } from 'astrogpu/data';
import { describeModel, Network } from 'astrogpu/models';
import type { Spread } from 'astrogpu/report';
import { type JobConfig, timeNetworks } from 'astrogpu/train';
import type { Bench } from './run-list.ts';

/** As compaction is timed. */
const BATCH = 250;

/** The time of one network in parts of the whole one's, measured in turns, in f32; of a software adapter by processor time, which other work beside it changes less. Values do not matter to it: both are as they were drawn. */
export async function timeBeside(
  { gpu, data }: Bench,
  ...configs: [whole: JobConfig, other: JobConfig]
): Promise<Spread> {
  const { test } = data;
  const networks = configs.map(({ model, width, seed }) =>
    new Network(describeModel(model, { classes: test.classes.length, width, size: test.height })).to(gpu, seed),
  );
  const images = openImages(gpu, test);
  try {
    const { ratios, processorRatios } = await timeNetworks(networks, images, BATCH);
    return (gpu.adapter.software ? processorRatios : ratios)[1];
  } finally {
    for (const part of [...networks, images]) part.release();
  }
}

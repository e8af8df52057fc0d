// How long networks take for an image: in turns, so that whatever else the machine does meets all of them alike.
import { BatchStream, type DeviceData } from '../../data/index.ts';
import { median } from '../../gpu/index.ts';
import type { Network } from '../../models/index.ts';
import { EVAL } from '../../nn/index.ts';
import { noGrad, scope } from '../../tensor/index.ts';

/** Rounds before the timing, for compilation and caches. */
const WARM_UP = 2;
const ROUNDS = 7;

/** Milliseconds an image for each network, in evaluation: medians over rounds of one batch each. The networks have memory and take the images of `data`. */
export async function millisecondsPerImage(
  networks: readonly Network[],
  data: DeviceData,
  batch: number,
): Promise<number[]> {
  const { gpu } = data;
  const size = Math.min(batch, data.count);
  const stream = new BatchStream(data, { batch: size, seed: 0 });
  stream.next();
  const samples: number[][] = networks.map(() => []);
  for (let round = 0; round < WARM_UP + ROUNDS; round++)
    for (const [i, network] of networks.entries()) {
      await gpu.idle();
      const start = performance.now();
      noGrad(() => scope(() => network.forward(stream.x, EVAL).release()));
      await gpu.idle();
      if (round >= WARM_UP) samples[i].push((performance.now() - start) / size);
    }
  stream.release();
  return samples.map(median);
}

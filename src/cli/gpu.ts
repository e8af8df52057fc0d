// The adapter as the commands open it: with the choices of kernels that were measured here, if there are any.
import { Gpu } from '../gpu/index.ts';

/** Choices of kernels measured here, by adapter. */
export const TUNING = '.cache/tuning.json';

/** Throws NoAdapterError, which says what to install. */
export async function openGpu(): Promise<Gpu> {
  const gpu = await Gpu.open({ tuning: { file: TUNING } });
  await gpu.tuner.load();
  return gpu;
}

/** What is said beside every time that was measured. */
export const adapterLine = ({ adapter }: Gpu): string =>
  `adapter: ${adapter.description}${adapter.software ? '. SOFTWARE ADAPTER: the times say nothing about a GPU' : ''}`;

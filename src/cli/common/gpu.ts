// The adapter as the commands open it: with the choices of kernels that were measured here, if there are any.
import { Gpu } from '../../gpu/index.ts';

/** Choices of kernels measured here, by adapter. */
export const TUNING = '.cache/tuning.json';

/** Throws NoAdapterError, which says what to install. */
export async function openGpu(): Promise<Gpu> {
  const gpu = await Gpu.open({ tuning: { file: TUNING } });
  await gpu.tuner.load();
  return gpu;
}

/** For commands that may end without a need for one: opens it at the first call, and closes it if there was any. */
export function gpuOnDemand(): { open: () => Promise<Gpu>; close: () => Promise<void> } {
  let opened: Promise<Gpu> | undefined;
  return { open: () => (opened ??= openGpu()), close: async () => (await opened)?.close() };
}

/** What is said beside every time that was measured. */
export const adapterLine = ({ adapter }: Gpu): string =>
  `adapter: ${adapter.description}${adapter.software ? '. THE TIMES SAY NOTHING ABOUT A GPU' : ''}`;

// Dawn, as the package webgpu brings it to Node.
import { createRequire } from 'node:module';
import { NoAdapterError } from './errors.ts';

// Dawn aborts the process when the object that create() returned is collected, so each one made stays here for ever.
const kept = ((globalThis as { __astrogpuDawn?: Map<string, GPU> }).__astrogpuDawn ??= new Map());

/** The version of the package that brings Dawn. */
export const dawnVersion = (): string => createRequire(import.meta.url)('webgpu/package.json').version;

/** One instance of Dawn per set of toggles. Throws NoAdapterError where the package does not load. */
export async function dawn(toggles: readonly string[]): Promise<GPU> {
  const id = toggles.join(' ');
  let gpu = kept.get(id);
  if (!gpu) {
    const { create, globals } = await import('webgpu').catch((error: Error) => {
      throw new NoAdapterError(`the package "webgpu" does not load here (${error.message.split('\n')[0]}); run npm ci`);
    });
    Object.assign(globalThis, globals);
    gpu = create([...toggles]) as GPU;
    kept.set(id, gpu);
  }
  return gpu;
}

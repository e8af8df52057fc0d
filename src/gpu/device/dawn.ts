// Dawn, as the package webgpu brings it to Node.
import { createRequire } from 'node:module';
import { NoAdapterError } from './errors.ts';

// Dawn aborts the process when the object that create() returned is collected, so each one made stays here for ever.
const kept = ((globalThis as { __astrogpuDawn?: Map<string, GPU> }).__astrogpuDawn ??= new Map());

/** The version of the package that brings Dawn. */
export const dawnVersion = (): string => createRequire(import.meta.url)('webgpu/package.json').version;

/** What helps where Dawn finds no adapter: in a project that has the package installed its own means, in the checkout of the package the set-up. */
export function adapterAdvice(place = import.meta.url): string {
  const installed = place.includes('/node_modules/');
  const software = installed
    ? 'without a GPU a software driver does (on Debian and Ubuntu: apt-get install mesa-vulkan-drivers), and `npx astrogpu doctor` says what this machine lacks'
    : 'without a GPU `node setup.mjs` says which software driver this machine takes, and as root on Debian or Ubuntu installs it';
  return `install your GPU's driver with Vulkan (or Metal / D3D12) support; ${software}`;
}

/** One instance of Dawn per set of toggles. Throws NoAdapterError where the package does not load. */
export async function dawn(toggles: readonly string[]): Promise<GPU> {
  const id = toggles.join(' ');
  let gpu = kept.get(id);
  if (!gpu) {
    const { create, globals } = await import('webgpu').catch((error: Error) => {
      throw new NoAdapterError(
        `the package "webgpu" does not load here (${error.message.split('\n')[0]}); install the project's packages anew (npm install), or see what is missing: npx astrogpu doctor`,
      );
    });
    Object.assign(globalThis, globals);
    gpu = create([...toggles]) as GPU;
    kept.set(id, gpu);
  }
  return gpu;
}

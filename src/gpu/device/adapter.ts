// Finding an adapter: Dawn in Node, navigator.gpu in a page. Software adapters are recognized and named as such.
import { NoAdapterError } from './errors.ts';

/** What was found. `software` is true for llvmpipe, SwiftShader and the like: its speeds say nothing about a GPU. */
export interface AdapterSummary {
  /** One line for people: name, driver, and "software adapter" where it is one. */
  description: string;
  vendor: string;
  architecture: string;
  /** The driver with its version, as far as it says so; empty where it does not. */
  driver: string;
  /** Who implements WebGPU: the package that brings Dawn, with its version, or the browser. */
  implementation: string;
  software: boolean;
  /** Lanes that run in lockstep; 0 where the adapter does not offer subgroups. */
  subgroupMinSize: number;
  subgroupMaxSize: number;
  /** Adapter, driver and Dawn: the same over runs on the same machine, and the key of the tuner's cache. */
  key: string;
}

export interface AdapterRequest {
  /** Dawn toggles, Node only, e.g. `enable-dawn-features=allow_unsafe_apis`. */
  toggles?: string[];
  powerPreference?: GPUPowerPreference;
}

/** Without the first no NVIDIA card exposes shader-f16; without the second timestamps come in steps of 65.5 µs. */
export const DEFAULT_TOGGLES = [
  'enable-dawn-features=vulkan_enable_f16_on_nvidia,allow_unsafe_apis',
  'disable-dawn-features=timestamp_quantization',
];

/** The toggles for a device that computes nothing and needs no GPU. */
export const NULL_BACKEND = ['backend=null', 'enable-dawn-features=allow_unsafe_apis'];

// Dawn aborts the process when the object that create() returned is collected, so each one made stays here for ever.
const kept = ((globalThis as { __astrogpuDawn?: Map<string, GPU> }).__astrogpuDawn ??= new Map());

/** Who implements WebGPU here: its kernels' speeds belong to it. */
let implementation = 'browser';

/** The version of the package that brings Dawn. */
async function dawnVersion(): Promise<string> {
  const { createRequire } = await import('node:module');
  return createRequire(import.meta.url)('webgpu/package.json').version;
}

/** The GPU entry point: one Dawn instance per set of toggles in Node, `navigator.gpu` in a page. Throws NoAdapterError. */
export async function provideGpu(toggles: string[] = DEFAULT_TOGGLES): Promise<GPU> {
  if (typeof process === 'undefined' || !process.versions?.node) {
    if (!navigator.gpu)
      throw new NoAdapterError(
        'this browser has no WebGPU: use a current Chrome, Edge, Firefox or Safari, over https or localhost',
      );
    return navigator.gpu;
  }
  const id = toggles.join(' ');
  let gpu = kept.get(id);
  if (!gpu) {
    const dawn = await import('webgpu').catch((error: Error) => {
      throw new NoAdapterError(`the package "webgpu" does not load here (${error.message.split('\n')[0]}); run npm ci`);
    });
    Object.assign(globalThis, dawn.globals);
    gpu = dawn.create(toggles) as GPU;
    kept.set(id, gpu);
  }
  implementation = `dawn ${await dawnVersion()}`;
  return gpu;
}

/** Asks for an adapter. Throws NoAdapterError, which says what to install. */
export async function requestAdapter({
  toggles,
  powerPreference = 'high-performance',
}: AdapterRequest = {}): Promise<GPUAdapter> {
  const gpu = await provideGpu(toggles);
  const adapter = await gpu.requestAdapter({ powerPreference });
  if (!adapter)
    throw new NoAdapterError(
      'no WebGPU adapter: install your GPU driver with Vulkan (or Metal / D3D12) support; without a GPU run `npm start` once as root ' +
        'on Debian or Ubuntu, it installs the software driver mesa-vulkan-drivers',
    );
  return adapter;
}

export function summarize(adapter: GPUAdapter): AdapterSummary {
  const info = adapter.info as GPUAdapterInfo & { driver?: string; backendType?: string };
  const software =
    info.isFallbackAdapter === true ||
    /llvmpipe|swiftshader|software|lavapipe|warp|basic render/i.test(
      `${info.architecture} ${info.description} ${info.device}`,
    );
  const name =
    info.device && !/^(0x)?[0-9a-f]+$/i.test(info.device) ? info.device : info.description || info.device || 'unnamed';
  const parts = [info.vendor, info.architecture].filter(Boolean).join(' ');
  return {
    description: `${name}${parts ? ` (${parts})` : ''}${software ? ', a software adapter: no GPU' : ''}`,
    vendor: info.vendor,
    architecture: info.architecture,
    driver: info.driver || (info.description === name ? '' : info.description),
    implementation,
    software,
    subgroupMinSize: adapter.features.has('subgroups') ? (info.subgroupMinSize ?? 0) : 0,
    subgroupMaxSize: adapter.features.has('subgroups') ? (info.subgroupMaxSize ?? 0) : 0,
    key: [info.vendor, info.architecture, info.device, info.description, implementation].join('|').replace(/\s+/g, ' '),
  };
}

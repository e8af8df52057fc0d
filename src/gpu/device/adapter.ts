// Finding an adapter: Dawn in Node, navigator.gpu in a page. Software adapters are recognized and named as such.
import { NoAdapterError } from './errors.ts';
import { IN_NODE } from './platform.ts';

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

/** Who implements WebGPU here: its kernels' speeds belong to it. */
let implementation = 'browser';

/** The GPU entry point: one Dawn instance per set of toggles in Node, `navigator.gpu` in a page. Throws NoAdapterError. */
export async function provideGpu(toggles: string[] = DEFAULT_TOGGLES): Promise<GPU> {
  if (!IN_NODE) {
    if (!navigator.gpu)
      throw new NoAdapterError(
        'this browser has no WebGPU: use a current Chrome, Edge, Firefox or Safari, over https or localhost',
      );
    return navigator.gpu;
  }
  const { dawn, dawnVersion } = await import('./dawn.ts');
  const gpu = await dawn(toggles);
  implementation = `dawn ${dawnVersion()}`;
  return gpu;
}

/** Asks for an adapter. Throws NoAdapterError, which says what to install. */
export async function requestAdapter({
  toggles,
  powerPreference = 'high-performance',
}: AdapterRequest = {}): Promise<GPUAdapter> {
  const gpu = await provideGpu(toggles);
  const adapter = await gpu.requestAdapter({ powerPreference });
  if (!adapter) throw new NoAdapterError(`no WebGPU adapter: ${await adviceHere()}`);
  return adapter;
}

/** What helps where there is none. */
async function adviceHere(): Promise<string> {
  if (!IN_NODE)
    return "this browser offers none; turn on graphics acceleration in its settings, bring the GPU's driver up to date, and see what chrome://gpu or about:support says of WebGPU";
  const { adapterAdvice } = await import('./dawn.ts');
  return adapterAdvice();
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

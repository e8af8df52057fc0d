// The GPU of whoever looks at the page, or what they can do where there is none.
import { type Gpu, NoAdapterError } from 'astrogpu/gpu';
import type { Opened } from '../protocol.ts';

/** What of the browser says why there is no GPU. */
export interface Surroundings {
  /** May pages of this address have WebGPU? */
  secure: boolean;
  /** Is there a navigator.gpu? */
  webgpu: boolean;
  userAgent: string;
}

export const surroundings = (): Surroundings => ({
  secure: globalThis.isSecureContext ?? true,
  webgpu: typeof navigator !== 'undefined' && 'gpu' in navigator && navigator.gpu !== undefined,
  userAgent: typeof navigator === 'undefined' ? '' : navigator.userAgent,
});

/** Browsers by what their name for servers has, with the way to WebGPU in them. The first that fits is it. */
const BROWSERS: readonly [RegExp, missing: string, noAdapter: string][] = [
  [
    /Firefox\//,
    'Firefox has it from version 141 on Windows and 145 on Macs with Apple silicon; elsewhere set dom.webgpu.enabled in about:config to true',
    'Firefox gives pages a GPU where about:support shows WebGPU as available: update the graphics driver, or set gfx.webgpu.ignore-blocklist in about:config to true',
  ],
  [
    /(?:Chrome|Chromium|Edg)\/.*Linux|Linux.*(?:Chrome|Chromium|Edg)\//,
    'Chrome has it from version 144 on Linux with a recent GPU; else turn on chrome://flags/#enable-unsafe-webgpu and #enable-vulkan',
    'To have one, turn on chrome://flags/#enable-unsafe-webgpu and #enable-vulkan, and see chrome://gpu for what the browser says of the GPU',
  ],
  [
    /(?:Chrome|Chromium|Edg)\//,
    'Chrome and Edge have it from version 113 on, on Android from 121 on',
    'To have one, turn on "Use graphics acceleration when available" in the settings under System, update the graphics driver, and see chrome://gpu for what the browser says of the GPU',
  ],
  [
    /Safari\//,
    'Safari has it from version 26 on',
    'To have one, update the system: Safari gives pages the GPU from version 26 on',
  ],
];

/** What to do where no adapter answers, in one or two sentences. */
export function adviceFor({ secure, webgpu, userAgent }: Surroundings): string {
  if (!secure)
    return 'Browsers have WebGPU on secure pages alone: open this one over https, or from localhost (http://localhost or http://127.0.0.1).';
  const [, missing, noAdapter] = BROWSERS.find(([pattern]) => pattern.test(userAgent)) ?? [];
  if (!webgpu)
    return `This browser has no WebGPU. ${missing ? `${missing}.` : 'Take a current Chrome, Edge, Firefox or Safari.'}`;
  return `This browser has WebGPU and found no GPU for it. ${noAdapter ? `${noAdapter}.` : 'Update the graphics driver, or take another browser.'}`;
}

const SOFTWARE =
  'There is no GPU behind this: the browser computes on the processor, which is slow, so keep networks and sets small. Where the machine has a GPU, turn on graphics acceleration in the settings of the browser and update the graphics driver.';

/** A machine, or why there is none. */
export type Machine = { gpu: Gpu; advice?: string } | { gpu?: undefined; advice: string };

/** Opens the GPU. `around` says what to advise where there is none. */
export async function openMachine(open: () => Promise<Gpu>, around: () => Surroundings): Promise<Machine> {
  try {
    const gpu = await open();
    return gpu.adapter.software ? { gpu, advice: SOFTWARE } : { gpu };
  } catch (error) {
    if (error instanceof NoAdapterError) return { advice: adviceFor(around()) };
    throw error;
  }
}

export const adapterOf = ({ adapter, capabilities }: Gpu): NonNullable<Opened['adapter']> => ({
  description: adapter.description,
  implementation: adapter.implementation,
  software: adapter.software,
  f16: capabilities.f16,
  timestamps: capabilities.timestamps,
});

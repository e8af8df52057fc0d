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

/** Of Chrome and its kin where Linux has not been released to yet. */
const LINUX_START =
  'start it with --enable-unsafe-webgpu --ozone-platform=x11 --use-angle=vulkan --enable-features=Vulkan,VulkanFromANGLE';

/** Browsers by what their name for servers has, with the way to WebGPU in them. The first that fits is it. Versions are those of MDN's compatibility data and of gpuweb's list of implementations. */
const BROWSERS: readonly [RegExp, missing: string, noAdapter: string][] = [
  [
    /Firefox\//,
    'Firefox has it from version 141 on Windows, and from 145 on Macs with Apple silicon (before macOS 26 from 147); elsewhere take another browser or Firefox Nightly',
    'See under Graphics in about:support what Firefox says of WebGPU: update the graphics driver, or set gfx.webgpu.ignore-blocklist in about:config to true',
  ],
  [
    /(?:Chrome|Chromium|Edg)\/.*Android|Android.*(?:Chrome|Chromium|Edg)\//,
    'Chrome has it from version 121 on, on Android 12 and later',
    'Chrome gives pages the GPU from Android 12 on: update the system and the browser',
  ],
  [
    /(?:Chrome|Chromium|Edg)\/.*Linux|Linux.*(?:Chrome|Chromium|Edg)\//,
    `On Linux Chrome has it from version 144 with GPUs of Intel (Gen12 and later) and from 147 with those of NVIDIA; else ${LINUX_START}`,
    `To have one, update the graphics driver and ${LINUX_START}; chrome://gpu has what the browser says of the GPU`,
  ],
  [
    /(?:Chrome|Chromium|Edg)\//,
    'Chrome and Edge have it from version 113 on',
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
  'There is no GPU behind this: the browser computes on the processor, which is slow; the network and the sets below are small for that reason, and training images are taken as they are. Where the machine has a GPU, turn on graphics acceleration in the settings of the browser and update the graphics driver.';

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

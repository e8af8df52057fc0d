// What lies around the adapter: kernel choices, the decoder of images, data, disk and memory.
import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import type { Gpu } from '../../gpu/index.ts';
import { TUNING } from '../common/gpu.ts';
import type { Finding } from './finding.ts';

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

export function tuningFinding({ tuner }: Gpu): Finding {
  const count = Object.keys(tuner.choices).length;
  const from = existsSync(TUNING) ? `; those in ${TUNING} go before those that ship` : ', from the tables that ship';
  return count > 0
    ? { state: 'ok', what: `choices of kernels: ${count} for this adapter${from}` }
    : {
        state: 'warning',
        what: 'choices of kernels: none measured for this adapter, so general ones are taken',
        advice: 'npx astrogpu train --tune measures them, for what it is about to train',
      };
}

export async function imageFinding(): Promise<Finding> {
  try {
    const { default: sharp } = await import('sharp');
    const pixel = { width: 1, height: 1, channels: 3 as const, background: '#804020' };
    const jpeg = await sharp({ create: pixel }).jpeg().toBuffer();
    await sharp(jpeg).raw().toBuffer();
    return { state: 'ok', what: `images: sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}` };
  } catch (error) {
    const reason = (error as Error).message.split('\n')[0];
    return {
      state: 'failure',
      what: `images cannot be decoded: ${reason}`,
      advice: 'run npm install --include=optional',
    };
  }
}

export async function dataFinding(): Promise<Finding> {
  // Only now: it brings packages along that may be missing.
  const data = await import('../../data/index.ts').catch((error: Error) => error);
  if (data instanceof Error)
    return { state: 'failure', what: `data cannot be read: ${data.message.split('\n')[0]}`, advice: 'run npm install' };
  const { cifar10Folder, findCifar10 } = data;
  const named = process.env.CIFAR10_DIR;
  if (named) {
    const found = await findCifar10(named);
    return found
      ? { state: 'ok', what: `CIFAR-10: ${found} ($CIFAR10_DIR)` }
      : {
          state: 'warning',
          what: `CIFAR-10: $CIFAR10_DIR is ${named}, which does not hold its binary version`,
          advice: 'correct it or unset it',
        };
  }
  const found = await findCifar10(cifar10Folder);
  return found
    ? { state: 'ok', what: `CIFAR-10: ${found}` }
    : {
        state: 'warning',
        what: `CIFAR-10: not in ${cifar10Folder}, and $CIFAR10_DIR is not set`,
        advice:
          'the first run on it downloads it (170 MB); offline, drawn images take its place, and every output says so',
      };
}

/** Checkpoints and networks of a large run, with room to spare. */
const ENOUGH_DISK = 1e9;

export async function diskFinding(folder: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  return {
    state: free < ENOUGH_DISK ? 'warning' : 'ok',
    what: `disk: ${gigabytes(free)} free here`,
    ...(free < ENOUGH_DISK && {
      advice: 'a run keeps checkpoints and networks; make room, or name another place with --out',
    }),
  };
}

/** CIFAR-10 is held twice for a moment, and on a software adapter the network's memory is this one, too. */
const ENOUGH_MEMORY = 1.5e9;

export function memoryFinding(): Finding {
  const free = process.availableMemory?.() ?? freemem();
  return {
    state: free < ENOUGH_MEMORY ? 'warning' : 'ok',
    what: `memory: ${gigabytes(free)} of ${gigabytes(totalmem())} free`,
    ...(free < ENOUGH_MEMORY && { advice: 'take fewer --images or a smaller --batch, or end other programs' }),
  };
}

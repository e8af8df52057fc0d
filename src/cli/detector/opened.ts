// The detector that a command works on: a file that a run wrote, and how large pictures are made for it.
import { statSync } from 'node:fs';
import { type LoadedDetector, loadDetector } from '../../detect/index.ts';
import { AstroError, type Gpu } from '../../gpu/index.ts';
import { readSafetensors } from '../../io/index.ts';
import { option, read } from '../../train/index.ts';
import { naming } from '../common/naming.ts';
import { networksIn } from '../common/network.ts';

/** How large pictures are made, for commands that take a detector. */
export const SIDE_OPTIONS = {
  short: option({
    value: 'N',
    read: read.whole(32, 8192),
    help: 'the short side that pictures are brought to, in pixels',
    defaultText: 'as the detector was trained',
  }),
  long: option({
    value: 'N',
    read: read.whole(32, 8192),
    help: 'the largest that a long side becomes',
    defaultText: 'as the detector was trained',
  }),
};

export interface OpenedDetector extends LoadedDetector {
  /** Where it came from, as it was typed. */
  file: string;
}

/** Is this the file of a detector? What cannot be read is none: who opens it says why. */
export function isDetector(file: string): boolean {
  try {
    return readSafetensors(file).metadata.detector !== undefined;
  } catch {
    return false;
  }
}

/** Opens a detector's file, without memory on a GPU; sides that were typed take the place of the file's. Throws AstroError that names the file and what does not fit. */
export function openDetector(file: string, { short, long }: { short?: number; long?: number }): OpenedDetector {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory())
    throw new AstroError(`${file} is a folder; ${networksIn(file)}`);
  const loaded = loadDetector(file);
  const { preprocessing } = loaded;
  const shortSide = short ?? preprocessing.shortSide;
  // A short side that was asked for is not held to a long side that goes with another one.
  const grown = Math.round((preprocessing.longSide * shortSide) / preprocessing.shortSide);
  return { ...loaded, file, preprocessing: { ...preprocessing, shortSide, longSide: long ?? grown } };
}

/** A detector on the GPU, as findObjects() and measureDetector() take it. Throws OutOfMemoryError. */
export function detectorOnGpu(gpu: Gpu, { file, detector, dict, categories, preprocessing }: OpenedDetector) {
  naming(file, () => detector.to(gpu).loadStateDict(dict));
  return { gpu, detector, categories, preprocessing };
}

/** How pictures come to it, in words. */
export const sidesText = ({ preprocessing: { shortSide, longSide } }: OpenedDetector): string =>
  `pictures with a short side of ${shortSide}, the long one up to ${longSide}`;

// What config.json of a detector's run holds, and what a resumed one is held to.
import { join, resolve } from 'node:path';
import * as v from 'valibot';
import { DETECTOR_CONFIG, type DetectorConfig } from '../../detect/index.ts';
import { checked } from '../../gpu/index.ts';
import { openRunFolder } from '../../train/index.ts';
import { refuseChanges, UsageError } from '../common/options.ts';
import type { DetectorOptions } from './options.ts';

/** A detector's run, as its folder says. */
export interface SavedDetector {
  detector: true;
  config: DetectorConfig;
  command: string;
  adapter: string;
  date: string;
  logEvery?: number;
}

const SAVED = v.looseObject({
  detector: v.literal(true, "true, as a detector's run has it,"),
  config: DETECTOR_CONFIG,
  command: v.string(),
  adapter: v.string(),
  date: v.string(),
  logEvery: v.optional(v.number()),
});

/** Options that a resumed run may be given anew. */
const RESUMABLE: ReadonlySet<string> = new Set([
  'resume',
  'data',
  'checkpointEvery',
  'logEvery',
  'memory',
  'workers',
  'tensorboard',
]);

/** What the folder of `--resume` holds. Throws UsageError for options that cannot be changed and for other programs' folders. */
export function readSavedDetector(options: DetectorOptions): SavedDetector {
  refuseChanges(options, RESUMABLE);
  const folder = options.resume!;
  return checked(
    SAVED,
    openRunFolder(folder),
    (reason) => new UsageError(`${join(folder, 'config.json')}: ${reason}; put back what it was, or start a new run`),
  ) as SavedDetector;
}

/** Options that name what a run reads, kept as absolute paths: it may be gone on with from anywhere. */
export const absoluteConfig = (config: DetectorConfig): DetectorConfig => ({
  ...config,
  ...(config.data !== undefined && { data: resolve(config.data) }),
  ...(config.backbone !== undefined && { backbone: resolve(config.backbone) }),
});

// What the commands beside the job itself work on.
import type { ImageSet } from '../../data/index.ts';
import type { Gpu } from '../../gpu/index.ts';
import type { JobConfig } from '../../train/index.ts';

export interface Setting {
  gpu: Gpu;
  config: JobConfig;
  train: ImageSet;
  test: ImageSet;
  say: (line: string) => void;
}

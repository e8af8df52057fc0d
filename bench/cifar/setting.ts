// What the commands beside the job itself work on.
import type { ImageSet } from 'astrogpu/data';
import type { Gpu } from 'astrogpu/gpu';
import type { JobConfig } from 'astrogpu/train';

export interface Setting {
  gpu: Gpu;
  config: JobConfig;
  train: ImageSet;
  test: ImageSet;
  say: (line: string) => void;
}

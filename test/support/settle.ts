// Before the first test file dropped tensors are held back (./collected.ts); after each the GPU finishes what it was given, so that a file's failure is its own and the process can
// end at any time.
import { afterAll } from 'vitest';
import type { Gpu } from '../../src/gpu/gpu.ts';
import { keepDropped } from './collected.ts';

await keepDropped();

afterAll(() => (globalThis as { testGpu?: Gpu }).testGpu?.idle());

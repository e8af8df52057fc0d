// After each test file the GPU finishes what it was given, so that a file's failure is its own and the process can end at any time.
import { afterAll } from 'vitest';
import type { Gpu } from '../../src/gpu/gpu.ts';

afterAll(() => (globalThis as { testGpu?: Gpu }).testGpu?.idle());

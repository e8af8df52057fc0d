// Before the first test file dropped tensors are held back (./collected.ts); after each the GPU finishes what it was given, so that a file's failure is its own and the process can
// end at any time. What threads were started with (./bundle-threads.mjs) goes then, too.
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { Gpu } from '../../src/gpu/gpu.ts';
import { keepDropped } from './collected.ts';

await keepDropped();

afterAll(() => (globalThis as { testGpu?: Gpu }).testGpu?.idle());
afterAll(() => rmSync(join(tmpdir(), `astrogpu-threads-${process.pid}`), { recursive: true, force: true }));

// Two processes, in each one file at a time: Dawn's objects cannot be shared between threads, and a killed thread takes the process along. The second works
// while the first compiles shaders or waits.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const src = fileURLToPath(new URL('./src', import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^astrogpu\/tensor$/, replacement: `${src}/tensor.ts` },
      { find: /^astrogpu\/(.+)$/, replacement: `${src}/$1/index.ts` },
      { find: /^astrogpu$/, replacement: `${src}/index.ts` },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/settle.ts'],
    pool: 'forks',
    // Worker threads that tests start have it from here.
    execArgv: ['--import', fileURLToPath(new URL('./test/support/bundle-threads.mjs', import.meta.url))],
    isolate: false,
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is waited for is to come, on a busy machine, too.
    expect: { poll: { timeout: 10_000 } },
  },
});

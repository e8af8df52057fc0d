// What two runs of the same configuration must have alike: digests of their networks and of their metrics, but for what a clock said.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Fields of metrics.jsonl that are read from a clock. */
const CLOCK = new Set(['time', 'seconds', 'imagesPerSecond']);

const withoutClock = (metrics: string): string =>
  metrics
    .trim()
    .split('\n')
    .map((line) => JSON.stringify(Object.entries(JSON.parse(line)).filter(([name]) => !CLOCK.has(name))))
    .join('\n');

/** A digest of each network of a run folder, and of its metrics. */
export const products = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder)
      .filter((name) => name === 'metrics.jsonl' || /^(?!checkpoint).*\.safetensors$/.test(name))
      .map((name) => {
        const file = join(folder, name);
        const bytes = name === 'metrics.jsonl' ? withoutClock(readFileSync(file, 'utf8')) : readFileSync(file);
        return [name, createHash('sha256').update(bytes).digest('hex')];
      }),
  );

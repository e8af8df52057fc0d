// Every reader of other people's files under a stream of damaged ones: it gives something, or throws one line of the library's own errors that names the file,
// in bounded time and memory. `ASTROGPU_FUZZ=5000 npx vitest run test/fuzz` takes as many cases of each and prints a table; `ASTROGPU_FUZZ_SEED` begins elsewhere.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { AstroError } from '../../src/gpu/device/errors.ts';
import { stream } from './mutate.ts';
import type { Reader } from './readers/reader.ts';
import { readers } from './readers.ts';

const CASES = Number(process.env.ASTROGPU_FUZZ ?? 200);
const SEED = Number(process.env.ASTROGPU_FUZZ_SEED ?? 1);
/** Of a case: generous on a busy machine, and far below what a loop without end or a quadratic one would take. */
const MOST_MS = 5000;
/** Of memory that a case leaves to the collector or holds, whatever its file announces: the files have a few kilobytes. */
const MOST_BYTES = 2 ** 27;

const root = mkdtempSync(join(tmpdir(), 'astrogpu-fuzz-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const held = (): number => {
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
};

interface Figures {
  cases: number;
  read: number;
  typed: number;
  untyped: number;
  slowest: number;
  largest: number;
  bytes: number;
}

/** What was wrong with a case; nothing where it is as it should be. */
function judge(error: unknown, folder: string): string | undefined {
  if (!(error instanceof AstroError)) return error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (/\p{Cc}/u.test(error.message)) return `not one line: ${JSON.stringify(error.message)}`;
  return error.message.includes(basename(folder)) ? undefined : `no file is named: ${error.message}`;
}

async function fuzz(reader: Reader, number: number, cases: number): Promise<{ figures: Figures; wrong: string[] }> {
  const figures = { cases, read: 0, typed: 0, untyped: 0, slowest: 0, largest: 0, bytes: 0 };
  const wrong: string[] = [];
  const folder = join(root, `case-${number}`);
  for (let i = 0; i < cases; i++) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    figures.bytes = Math.max(figures.bytes, await reader.write(folder, stream(SEED * 0x9e3779b1 + number * 1e6 + i)));
    const before = held();
    const began = performance.now();
    try {
      await reader.read(folder);
      figures.read++;
    } catch (error) {
      const reason = judge(error, folder);
      figures[reason === undefined ? 'typed' : 'untyped']++;
      if (reason !== undefined) wrong.push(`case ${i}: ${reason}`);
    }
    const ms = performance.now() - began;
    const grown = held() - before;
    if (ms > MOST_MS) wrong.push(`case ${i} took ${ms.toFixed(0)} ms`);
    if (grown > MOST_BYTES) wrong.push(`case ${i} took ${(grown / 1e6).toFixed(0)} MB`);
    figures.slowest = Math.max(figures.slowest, ms);
    figures.largest = Math.max(figures.largest, grown);
  }
  return { figures, wrong };
}

const all = await readers(join(root, 'seeds'));
const table: string[] = [];

describe('damaged files of other people', () => {
  it.each(all.map((reader, number) => [reader.name, reader, number] as const))(
    '%s: something, or one typed line',
    async (name, reader, number) => {
      const { figures, wrong } = await fuzz(reader, number, Math.ceil(CASES * (reader.share ?? 1)));
      const { cases, read, typed, untyped, slowest, largest, bytes } = figures;
      table.push(
        `| ${name} | ${cases} | ${read} | ${typed} | ${untyped} | ${slowest.toFixed(0)} | ${(largest / 1e6).toFixed(1)} | ${(bytes / 1e3).toFixed(1)} |`,
      );
      expect(wrong.slice(0, 5)).toEqual([]);
      // A reader that refuses everything, or takes everything, is not tried by these cases.
      expect(read).toBeGreaterThan(0);
      expect(typed).toBeGreaterThan(0);
    },
    3_600_000,
  );
  afterAll(() => {
    if (process.env.ASTROGPU_FUZZ === undefined) return;
    const head = '| reader | cases | read | typed | untyped | slowest, ms | largest, MB | largest file, kB |';
    console.log(
      [`seed ${SEED}, ${CASES} cases`, head, '|---|---:|---:|---:|---:|---:|---:|---:|', ...table].join('\n'),
    );
  });
});

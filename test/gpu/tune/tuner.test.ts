// The tuner: first guess, measured choice, the file between runs, and a wrong candidate that is never chosen.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TuningTableError } from '../../../src/gpu/device/errors.ts';
import { grid1d } from '../../../src/gpu/kernel/fold-grid.ts';
import { Tuner, type TuningJob } from '../../../src/gpu/tune/tuner.ts';
import { addTuningTable } from '../../../src/gpu/tune/tuning-tables.ts';
import { COPY } from '../../support/copy-kernel.ts';
import { gpu } from '../../support/gpu.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'astrogpu-'));
});
afterAll(() => rm(folder, { recursive: true }));

const COUNT = 1 << 18;
/** Copies the input, `passes` times over; `wrong` leaves the output as zeros. */
const candidate = (name: string, passes: number, wrong = false) => ({
  name,
  run: ([x, y]: Parameters<TuningJob['candidates'][number]['run']>[0]) => {
    if (wrong) return gpu.fill(y, 0);
    for (let i = 0; i < passes; i++)
      gpu.run({
        shader: COPY,
        constants: { GROUP: 8 },
        bindings: [y, x],
        grid: grid1d(COUNT / 256),
        cost: { flops: 0, bytes: 0 },
      });
  },
});
const job = (key = 'copy'): TuningJob => ({
  key,
  sizes: [COUNT * 4, COUNT * 4],
  candidates: [candidate('slow', 200), candidate('wrong', 0, true), candidate('fast', 1), candidate('plain', 60)],
});

describe('tuner', () => {
  it('takes the first candidate until it has measured, then the fastest right one', async () => {
    const tuner = new Tuner(gpu);
    expect(tuner.select(job()).name).toBe('slow');
    const { copy } = await tuner.tune();
    expect(copy.name).toBe('fast');
    expect(Object.keys(copy.ms).sort()).toEqual(['fast', 'plain', 'slow']);
    expect(tuner.select(job()).name).toBe('fast');
  });

  it('forces a candidate where a job offers it', () => {
    const tuner = new Tuner(gpu, { force: 'plain' });
    expect(tuner.select(job()).name).toBe('plain');
    tuner.force = 'unknown';
    expect(tuner.select(job()).name).toBe('slow');
  });

  it('keeps its choices in a file by adapter, and says where a damaged one is wrong', async () => {
    const file = join(folder, 'deep', 'tuning.json');
    const tuner = new Tuner(gpu, { file });
    tuner.select(job('kept'));
    await tuner.tune();
    expect(JSON.parse(await readFile(file, 'utf8'))[gpu.adapter.key].kept.name).toBe('fast');
    const next = new Tuner(gpu, { file });
    await next.load();
    expect(next.select(job('kept')).name).toBe('fast');
    const refusal = async (content: string): Promise<string> => {
      await writeFile(file, content);
      const error = await new Tuner(gpu, { file }).load().catch((thrown) => thrown);
      expect(error).toBeInstanceOf(TuningTableError);
      expect(error.message.startsWith(`${file}: `)).toBe(true);
      return error.message.slice(file.length + 2);
    };
    expect(await refusal('{ damaged')).toMatch(/^it is not JSON, or cut short .*; remove the file, and measure anew/);
    expect(await refusal('{"an adapter":{"kept":null}}')).toMatch(
      /^\["an adapter"\]\.kept is null; an object is wanted; remove/,
    );
    expect(await refusal('{"a":{"kept":{"name":7,"ms":{}}}}')).toMatch(/^a\.kept\.name is 7; a text is wanted; remove/);
    expect(await refusal('[]')).toMatch(/^its content is an empty list; an object is wanted; remove/);
  });

  it('starts from the table that ships for the adapter, which the file goes before', async () => {
    addTuningTable({
      adapter: gpu.adapter.key.slice(0, 5),
      measured: [{ on: 'here', command: 'test', date: '2026-11-22' }],
      choices: { shipped: { name: 'plain', ms: { plain: 1 } }, both: { name: 'plain', ms: { plain: 1 } } },
    });
    addTuningTable({
      adapter: 'another adapter',
      measured: [{ on: 'elsewhere', command: 'test', date: '2026-11-22' }],
      choices: { kept: { name: 'plain', ms: { plain: 1 } } },
    });
    const file = join(folder, 'before.json');
    await writeFile(file, JSON.stringify({ [gpu.adapter.key]: { both: { name: 'fast', ms: { fast: 1 } } } }));
    const tuner = new Tuner(gpu, { file });
    await tuner.load();
    expect(['shipped', 'both', 'kept'].map((key) => tuner.select(job(key)).name)).toEqual(['plain', 'fast', 'slow']);
    expect(new Tuner(gpu, { shipped: false }).select(job('shipped')).name).toBe('slow');
  });

  it('keeps what it measured apart from what ships, which would lose to it for ever; save writes both', async () => {
    addTuningTable({
      adapter: gpu.adapter.key,
      measured: [{ on: 'here', command: 'test', date: '2026-11-22' }],
      choices: { apart: { name: 'plain', ms: { plain: 1 } } },
    });
    const file = join(folder, 'apart.json');
    const tuner = new Tuner(gpu, { file });
    expect(tuner.select(job('apart')).name).toBe('plain');
    tuner.select(job('own'));
    await tuner.tune();
    const kept = async () => JSON.parse(await readFile(file, 'utf8'))[gpu.adapter.key];
    expect(Object.keys(await kept())).toEqual(['own']);
    expect(tuner.choices).toMatchObject({ apart: { name: 'plain' }, own: { name: 'fast' } });
    await tuner.save(file);
    expect(await kept()).toEqual(tuner.choices);
  });

  // It goes by times, which whatever else runs meanwhile disturbs.
  it('keeps the first candidate where nothing is clearly faster, and runs a hopeless one once', {
    retry: 2,
  }, async () => {
    const runs = { even: 0, also: 0, plain: 0 };
    const counted = (name: keyof typeof runs, passes: number) => {
      const { run } = candidate(name, passes);
      return {
        name,
        run: (slices: Parameters<typeof run>[0]) => {
          runs[name]++;
          run(slices);
        },
      };
    };
    const tuner = new Tuner(gpu, { shipped: false });
    tuner.select({ ...job('even'), candidates: [counted('even', 1), counted('also', 1), counted('plain', 200)] });
    const { even } = await tuner.tune();
    expect(even.ms.even <= 1.05 * even.ms.also ? 'even' : 'also').toBe(even.name);
    // One sample beside the result, of as few runs as its length takes.
    expect(runs.plain).toBeLessThan(runs.even / 2);
  });

  it('measures a job once', async () => {
    const tuner = new Tuner(gpu);
    tuner.select(job());
    tuner.select(job());
    expect(Object.keys(await tuner.tune())).toEqual(['copy']);
    expect(await tuner.tune()).toEqual({});
  });
});

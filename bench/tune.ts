// Measures which kernels are fastest on this adapter for a network's training: `npm run tune`, or `node bench/tune.js --help`.
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  checkOutput,
  checkOutputFolder,
  parseOptions,
  say,
  TUNING,
  tuneKernels,
  UsageError,
  version,
} from 'astrogpu/cli';
import { drawStandIn } from 'astrogpu/data';
import { Gpu, readTuningTable, type TuningTable } from 'astrogpu/gpu';
import { writeFileAtomic } from 'astrogpu/io';
import { configure } from 'astrogpu/train';
import { runCommand } from './common/command.ts';

const HELP = `node bench/tune.js [options]
Times every kernel that could do a job, for each job of a training step, compares its result with the plain kernel's, and keeps the fastest in
${TUNING}, where the other commands find it. Takes a minute or two.

  --ship FILE  measure everything anew, and add it to a table that ships with the package (tuning/) instead
  --help, --version

All options of node bench/cifar.js that say what is trained are taken as well: --model, --batch, --phase guide, --precision, --gate ...
Where neither --arms nor --recipe paper says otherwise, kernels of the default recipe and of the paper's are measured.`;

runCommand('node bench/tune.js', async (args, typed) => {
  if (args.includes('--help') || args.includes('-h')) return say(HELP);
  if (args.includes('--version') || args.includes('-v')) return say(version());
  const at = args.indexOf('--ship');
  const ship = at < 0 ? undefined : args[at + 1];
  if (at >= 0 && (!ship || ship.startsWith('--'))) throw new UsageError('--ship takes the name of a file');
  checkOutput('ship', ship);
  if (!ship) checkOutputFolder('tune', dirname(TUNING));
  const options = parseOptions(at < 0 ? args : args.toSpliced(at, 2));
  const gpu = await Gpu.open({ tuning: ship ? { shipped: false } : { file: TUNING } });
  if (!ship) await gpu.tuner.load();
  say(`adapter: ${gpu.adapter.description}`);
  const wanted = configure(options, {
    software: gpu.adapter.software,
    available: { train: 1e6, test: 1e6 },
  });
  // Both parts of the search's data fill a batch.
  const images = Math.ceil((2 * wanted.batch) / Math.min(wanted.heldOut, 1 - wanted.heldOut));
  const { train, test } = drawStandIn({ train: images, test: wanted.batch });
  // Tables and figures train by the paper's recipe: where nothing was said of arms its kernels are measured, too, which on a software adapter no arm is for.
  const { recipe } = wanted;
  const arms = options.arms || recipe === 'paper' ? wanted.arms : [...new Set([...wanted.arms, 'paper' as const])];
  const config = { ...wanted, arms, images: train.count, testImages: test.count };
  await tuneKernels({ gpu, config, train, test, say });
  if (ship) {
    const now = { on: gpu.adapter.key, command: typed, date: new Date().toISOString().slice(0, 10) };
    const { measured, choices } = await tableIn(ship, family(gpu));
    const table: TuningTable = {
      adapter: family(gpu),
      measured: [...measured.filter((before) => before.command !== typed), now],
      choices: { ...choices, ...gpu.tuner.choices },
    };
    writeFileAtomic(ship, `${JSON.stringify(table, rounded, 1)}\n`);
    say(`written: ${ship}`);
  }
  await gpu.close();
});

/** The table in a file, empty if there is none. Throws TuningTableError for a damaged file, UsageError for a table of other adapters. */
async function tableIn(file: string, adapter: string): Promise<TuningTable> {
  if (!existsSync(file)) return { adapter, measured: [], choices: {} };
  const table = await readTuningTable(file);
  if (table.adapter !== adapter)
    throw new UsageError(`--ship ${file}: that table is for ${table.adapter}, this is ${adapter}`);
  return table;
}

/** Microseconds are enough. */
function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toFixed(3)) : value;
}

/** How the keys of this adapter's kind begin: without the driver, and for a software adapter without the compiler's version in its name. */
function family({ adapter }: Gpu): string {
  const [vendor, architecture, device] = adapter.key.split('|');
  return [vendor, architecture, adapter.software ? device.split('-')[0] : `${device}|`].join('|');
}

// Every kernel on the shapes of real networks, against this adapter's ceilings: `node bench/kernels.js --help`.

import { TUNING } from 'astrogpu/cli';
import { AstroError, Gpu, measureCeilings } from 'astrogpu/gpu';
import { type Case, type Scale, typed } from './kernels/case.ts';
import { convCases } from './kernels/conv.ts';
import { matmulCases } from './kernels/matmul.ts';
import { benchmarkCandidates, type CandidateTable, type MeasureOptions } from './kernels/measure.ts';
import { opCases } from './kernels/ops.ts';
import { HELP, type Options, parseOptions } from './kernels/options.ts';
import { HEAD, ladderText, misses } from './kernels/output.ts';
import { UsageError } from './peers/options.ts';
import { ownVersion } from './peers/output.ts';
import { ceilingTable, writeJson } from './roofline/output.ts';

/** A GPU does a network's whole batch; a software adapter as much as keeps the plain kernels, at 1 to 5 GFLOP/s, below a quarter of a second. */
const SCALE: Record<'gpu' | 'software' | 'quick', Scale> = {
  gpu: { flops: Number.POSITIVE_INFINITY, elements: 2 ** 26 },
  software: { flops: 1.6e8, elements: 2 ** 21 },
  quick: { flops: 4e7, elements: 2 ** 19 },
};
const say = (text: string): void => console.log(text);

async function main(args: string[]): Promise<void> {
  const options = parseOptions(args);
  if (options.help) return say(HELP);
  if (options.version) return say(ownVersion());
  const gpu = await Gpu.open({ tuning: { file: TUNING } });
  await gpu.tuner.load();
  const { software } = gpu.adapter;
  const scale = SCALE[software ? (options.quick ? 'quick' : 'software') : 'gpu'];
  const { precision } = options;
  if (precision === 'f16' && !gpu.capabilities.f16)
    throw new UsageError('--precision f16: this adapter has no f16 (feature shader-f16)');
  const products = [...convCases(scale, precision), ...matmulCases(scale, precision)];
  const cases = chosen(precision === 'f32' ? [...products, ...opCases(scale)] : products, options);
  say(`adapter: ${gpu.adapter.description}\n`);
  const ceilings = await measureCeilings(gpu, options.quick ? { ms: 30, samples: 3, bytes: 2 ** 24 } : { ms: 60 });
  say(`${ceilingTable(gpu, ceilings)}\n`);
  const measuring = {
    ceilings,
    ...(options.quick ? { rounds: 3, ms: 5, slow: 50 } : { rounds: 5, ms: 15, slow: 150 }),
  };
  const ladders = await climbAll(gpu, cases, measuring);
  const late = misses(ladders);
  if (late.length > 0) say(`\nNot the fastest (--tune keeps the fastest):\n  ${late.join('\n  ')}`);
  if (options.tune) {
    const made = Object.keys(await gpu.tuner.tune(say)).length;
    say(`\ntuning: ${made} choices written to ${TUNING}`);
  }
  if (options.json) {
    const command = ['node bench/kernels.js', ...args].join(' ');
    writeJson(options.json, command, gpu.adapter, { ceilings, ladders });
  }
  await gpu.close();
  const wrong = ladders.filter(({ rungs }) => rungs.some(({ ms }) => Number.isNaN(ms)));
  if (wrong.length > 0)
    throw new AstroError(
      `wrong results: ${wrong.map(({ name, shape }) => `${name} ${shape}`).join('; ')}; see WRONG above`,
    );
}

/** The cases that the options ask for. Throws UsageError where there are none. */
function chosen(cases: Case[], { filter, shape, quick }: Options): Case[] {
  const wanted = cases.filter(
    (job) =>
      (job.quick || !quick) &&
      typed(job.name).includes(typed(filter)) &&
      typed(`${job.shape} ${job.network}`).includes(typed(shape)),
  );
  if (wanted.length > 0) return wanted;
  const names = [...new Set(cases.map(({ name }) => name))].join('; ');
  throw new UsageError(
    `--filter "${filter}" --shape "${shape}"${quick ? ' --quick' : ''}: no case has that; there are ${names}`,
  );
}

async function climbAll(gpu: Gpu, cases: Case[], options: MeasureOptions): Promise<CandidateTable[]> {
  say(HEAD);
  const ladders: CandidateTable[] = [];
  for (const job of cases) {
    const ladder = await benchmarkCandidates(gpu, job, options);
    ladders.push(ladder);
    say(ladderText(ladder));
    await gpu.trim(); // the next case has other sizes
  }
  return ladders;
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error) => {
    process.stderr.write(`${error instanceof AstroError ? error.message : error.stack}\n`);
    process.exit(error instanceof UsageError ? 2 : 1);
  },
);

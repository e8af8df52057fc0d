// Every kernel on the shapes of real networks, against this adapter's ceilings: `node bench/kernels.js --help`.
import { dirname } from 'node:path';
import { checkOutputFolder, say, TUNING, UsageError, version } from 'astrogpu/cli';
import { AstroError, Gpu, measureCeilings } from 'astrogpu/gpu';
import { ceilingTable } from './common/ceiling-table.ts';
import { runCommand } from './common/command.ts';
import { writeJson } from './common/json.ts';
import { helpText } from './common/options.ts';
import { asTyped, type Case, type SizeLimit } from './kernels/case.ts';
import { convCases } from './kernels/conv.ts';
import { matmulCases } from './kernels/matmul.ts';
import { benchmarkCandidates, type CandidateTable, type MeasureOptions } from './kernels/measure.ts';
import { opCases } from './kernels/ops.ts';
import { command, type Options, parseOptions } from './kernels/options.ts';
import { HEAD, notFastest, tableText } from './kernels/output.ts';

/** A GPU does a network's whole batch; a software adapter as much as keeps the plain kernels, at 1 to 5 GFLOP/s, below a quarter of a second. */
const LIMITS: Record<'gpu' | 'software' | 'quick', SizeLimit> = {
  gpu: { flops: Number.POSITIVE_INFINITY, elements: 2 ** 26 },
  software: { flops: 1.6e8, elements: 2 ** 21 },
  quick: { flops: 4e7, elements: 2 ** 19 },
};

runCommand(command.name, async (args, typed) => {
  const options = parseOptions(args);
  if (options.help) return say(helpText(command));
  if (options.version) return say(version());
  if (options.tune) checkOutputFolder('tune', dirname(TUNING));
  const gpu = await Gpu.open({ tuning: { file: TUNING } });
  await gpu.tuner.load();
  const { adapter } = gpu;
  const limit = LIMITS[adapter.software ? (options.quick ? 'quick' : 'software') : 'gpu'];
  const { precision } = options;
  if (precision === 'f16' && !gpu.capabilities.f16)
    throw new UsageError('--precision f16: this adapter has no f16 (feature shader-f16)');
  const products = [...convCases(limit, precision), ...matmulCases(limit, precision)];
  const cases = chosen(precision === 'f32' ? [...products, ...opCases(limit)] : products, options);
  say(`adapter: ${adapter.description}\n`);
  const ceilings = await measureCeilings(gpu, options.quick ? { ms: 30, samples: 3, bytes: 2 ** 24 } : { ms: 60 });
  say(`${ceilingTable(gpu, ceilings)}\n`);
  const measuring = {
    ceilings,
    ...(options.quick ? { rounds: 3, ms: 5, slow: 50 } : { rounds: 5, ms: 15, slow: 150 }),
  };
  const tables = await measureAll(gpu, cases, measuring);
  const slower = notFastest(tables);
  if (slower.length > 0) say(`\nNot the fastest (--tune keeps the fastest):\n  ${slower.join('\n  ')}`);
  if (options.tune) {
    const made = Object.keys(await gpu.tuner.tune(say)).length;
    say(`\ntuning: ${made} choices written to ${TUNING}`);
  }
  if (options.json) writeJson(options.json, { command: typed, adapter }, { ceilings, tables });
  await gpu.close();
  const wrong = tables.filter(({ rows }) => rows.some(({ ms }) => Number.isNaN(ms)));
  if (wrong.length > 0)
    throw new AstroError(
      `wrong results: ${wrong.map(({ name, shape }) => `${name} ${shape}`).join('; ')}; see WRONG above`,
    );
});

/** The cases that the options ask for. Throws UsageError where there are none. */
function chosen(cases: Case[], { filter, shape, quick }: Options): Case[] {
  const wanted = cases.filter(
    (one) =>
      (one.quick || !quick) &&
      asTyped(one.name).includes(asTyped(filter)) &&
      asTyped(`${one.shape} ${one.network}`).includes(asTyped(shape)),
  );
  if (wanted.length > 0) return wanted;
  const names = [...new Set(cases.map(({ name }) => name))].join('; ');
  const asked = [filter && `--filter "${filter}"`, shape && `--shape "${shape}"`, quick && '--quick'];
  throw new UsageError(`${asked.filter(Boolean).join(' ')}: no case has that; there are ${names}`);
}

async function measureAll(gpu: Gpu, cases: Case[], options: MeasureOptions): Promise<CandidateTable[]> {
  say(HEAD);
  const tables: CandidateTable[] = [];
  for (const one of cases) {
    const table = await benchmarkCandidates(gpu, one, options);
    tables.push(table);
    say(tableText(table));
    await gpu.trim(); // the next case has other sizes
  }
  return tables;
}

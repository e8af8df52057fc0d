// The paper's tables, each one command: `node bench/tables.js 1|2|3|4|5|readings|tradeoff` trains every row with its controls over several seeds, and goes on where it was stopped.

import { say, type TrainOptions } from 'astrogpu/cli';
import type { TaskImages } from 'astrogpu/data';
import { type JobConfig, option, optionAs, read, toggle } from 'astrogpu/train';
import { runCommand } from './common/command.ts';
import { openCifar, openImageNet } from './common/runs/images.ts';
import { COMMON, numberedHelp, outFolder, parseCommand } from './common/runs/options.ts';
import { table1, table2, table3, table4 } from './common/runs/paper.ts';
import { planRuns } from './common/runs/plan.ts';
import { type Change, changeTo, type TablePlan } from './common/runs/row.ts';
import { factsFor, listRuns, openBench, runBench } from './common/runs/session.ts';
import { baseConfig, DEEP, SEEDS, SETS, type SetName } from './common/runs/size.ts';
import { table5 } from './tables/detection/table-5.ts';
import { writeTable } from './tables/output.ts';
import { readingsTable } from './tables/readings.ts';
import { summarizeRows } from './tables/summary.ts';
import { curveNames } from './tables/tradeoff/curves.ts';
import { TRADEOFF_OPTIONS } from './tables/tradeoff/options.ts';
import { tradeoff } from './tables/tradeoff/tradeoff.ts';

const command = {
  name: 'node bench/tables.js',
  numbers: [1, 2, 3, 4, 5, 'readings', 'tradeoff'] as const,
  about: [
    "The paper's tables (1: structure of the AN, 2: λ, 3: G, 4: ViT-B/16 on ImageNet, 5: BoxInst on COCO with a ResNet50 that an AN pretrained) and two of ours (readings of what the paper leaves open; the trade-off between accuracy and size), over several seeds and with the controls that a gain needs.",
    'Finished runs are never done again; after Ctrl-C or a crash the same command goes on. A run that failed is not tried again until its folder is removed. One command at a time to a folder.',
  ],
  options: {
    ...COMMON,
    seeds: optionAs(COMMON.seeds, {
      help: COMMON.seeds.help,
      defaultText: '3, of the trade-off with --quick 2, of Table 5 with it 1',
    }),
    out: optionAs(COMMON.out, {
      help: COMMON.out.help,
      defaultText:
        'runs/tables, of the trade-off runs/tradeoff or runs/tradeoff-few, with --quick with -quick at the end',
    }),
    only: optionAs(COMMON.only, {
      help: `${COMMON.only.help}; of the trade-off whole curves, too: ${curveNames.join(', ')}`,
    }),
    all: toggle({ help: 'of the readings with --quick: every one' }),
    coco: option({
      value: 'DIR',
      read: read.text,
      help: 'of Table 5: COCO, with train2017/, val2017/ and annotations/',
      defaultText: '$COCO_DIR or datasets/coco/data',
    }),
    iterations: option({
      value: 'N',
      read: read.whole(),
      help: 'of Table 5: iterations of each detector',
      defaultText: '90000, with --quick 150',
    }),
    ...TRADEOFF_OPTIONS,
  },
  own: {
    all: 'readings',
    coco: 5,
    iterations: 5,
    ...Object.fromEntries(Object.keys(TRADEOFF_OPTIONS).map((name) => [name, 'tradeoff'])),
  },
};

/** The size is another row's, which is known only then. */
const OWN: TrainOptions = { recipe: 'astrogpu', targetParams: 0.5 };

/** `own`: what makes the recipe of this project of the base; `part`: of the readings those of the small version alone. */
const planTable = (
  number: number | string,
  base: JobConfig,
  { quick, own, part }: { quick: boolean; own: Change; part: boolean },
): TablePlan => {
  if (number === 1) return table1(base.model, own);
  if (number === 2) return table2(base.model, { deep: quick ? undefined : DEEP, own });
  if (number === 3) return table3(base.model, own);
  // The small version is to end within ten minutes.
  return number === 4 ? table4(base.model, quick ? undefined : own) : readingsTable(base, { quick: part });
};

runCommand(command.name, async (args, typed) => {
  const { number, options } = parseCommand(command, args);
  if (number === undefined) return say(numberedHelp(command));
  if (number === 5) return table5(options, typed);
  if (number === 'tradeoff') return tradeoff(options, typed);
  const { quick = false, seeds = SEEDS, only, all = false } = options;
  const set: SetName = number === 4 ? 'imagenet' : 'cifar';
  const plan = (available: { train: number; test: number }) => {
    const base = baseConfig(options, available, set);
    const own = changeTo(baseConfig(options, available, set, OWN), base);
    const table = planTable(number, base, { quick, own, part: quick && !all });
    return { base, table, runs: planRuns(table.rows, base, seeds, only) };
  };
  // Wrong row names are found before anything is opened.
  const ahead = plan(SETS[set]);
  if (options.list) return listRuns(outFolder(options), ahead.runs);
  const bench = await openBench<TaskImages>(options, ahead.runs, () =>
    set === 'imagenet' ? openImageNet(options.data, ahead.base) : openCifar(options),
  );
  const { base, table, runs } = plan({ train: bench.data.train.count, test: bench.data.test.count });
  const outcomes = await runBench(bench, runs, quick);
  const { gpu, out } = bench;
  const facts = factsFor(bench, typed, { quick, seeds, base });
  const summaries = summarizeRows(table.rows, outcomes, seeds);
  // Rows that nobody asked for are not worth a line each.
  const shown = only ? summaries.filter(({ runs, failures }) => runs.size + failures.size > 0) : summaries;
  say(await writeTable(out, facts, table, shown));
  say(`${out}/${table.name}.md, .png, .svg and .json`);
  await gpu.close();
});

// Accuracy against size from beginning to end: the runs, and a document that is written anew after each of them, of all fractions that its folder has.
import { join } from 'node:path';
import { say, type TrainOptions } from 'astrogpu/cli';
import type { JobConfig } from 'astrogpu/train';
import { openCifar } from '../../common/runs/images.ts';
import type { Options } from '../../common/runs/options.ts';
import { planRuns } from '../../common/runs/plan.ts';
import { factsFor, listRuns, openBench, runBench } from '../../common/runs/session.ts';
import { baseConfig, SEEDS, SETS, type SizeOptions } from '../../common/runs/size.ts';
import { foundPoints } from './found.ts';
import { writeTradeoff } from './output.ts';
import { GROUP, groupedOf, KEPT, KEPT_QUICK, type TradeoffRow, tradeoffRows } from './rows.ts';

/** Two give an interval, if a wide one. */
const SEEDS_QUICK = 2;
const CIFAR_CLASSES = 10;
/** What `--quick` should take at the most on two cores without a GPU. */
const MINUTES = 15;

/** What the command takes for this table besides. */
export interface TradeoffOptions extends Options, SizeOptions {
  keep?: number[];
  group?: number;
  regime?: 'usual' | 'few';
}

const TITLES = {
  usual: 'Accuracy against size',
  few: 'Accuracy against size: spare capacity and few images',
};

/** A curve stands for all its rows. */
const named = (rows: readonly TradeoffRow[], only: readonly string[]): string[] =>
  only.flatMap((name) => {
    const ids = rows.filter(({ curve }) => curve.id === name).map(({ id }) => id);
    return ids.length > 0 ? ids : [name];
  });

/** How the recipe of this project differs from the paper's here. */
function recipeNote(rows: readonly TradeoffRow[]): string {
  const { change = {} } = rows.find(({ curve, kept }) => curve.id === 'trained' && kept !== undefined) ?? {};
  const settings = Object.entries(change).filter(([name]) => name !== 'recipe' && name !== 'targetParams');
  return `Recipe astrogpu differs from the paper's by ${settings.map(([name, value]) => `${name} ${value ?? 'none'}`).join(', ')}.`;
}

export async function tradeoff(options: TradeoffOptions, typed: string): Promise<void> {
  const { quick = false, only, regime = 'usual', group = GROUP } = options;
  const { seeds = quick ? SEEDS_QUICK : SEEDS, keep = quick ? KEPT_QUICK : KEPT } = options;
  const name = regime === 'few' ? 'tradeoff-few' : 'tradeoff';
  const out = options.out ?? `runs/${name}${quick ? '-quick' : ''}`;
  const set = regime === 'few' ? 'few' : 'tradeoff';
  const plan = (available: { train: number; test: number }, classes = CIFAR_CLASSES) => {
    const configured = (more: TrainOptions): JobConfig => baseConfig(options, available, set, more);
    const base = configured({ recipe: 'paper' });
    const whole = { base, classes, configured };
    const rows = tradeoffRows(whole, { kept: keep, grouped: groupedOf(keep, quick), group });
    return { base, rows, whole, runs: planRuns(rows, base, seeds, only && named(rows, only)) };
  };
  // Wrong row names are found before anything is opened.
  const ahead = plan(SETS[set]);
  if (options.list) return listRuns(out, ahead.runs);
  const bench = await openBench({ ...options, out }, ahead.runs, () => openCifar(options));
  const { train, test } = bench.data;
  const { base, rows, whole, runs } = plan({ train: train.count, test: test.count }, train.classes.length);
  const write = (): Promise<string> =>
    writeTradeoff(
      out,
      { name, title: TITLES[regime], facts: factsFor(bench, typed, { quick, seeds, base }), notes: [recipeNote(rows)] },
      foundPoints(bench, whole, rows, { group, seeds }),
    );
  const afterEach = async (): Promise<void> => {
    await write();
  };
  await runBench({ ...bench, whole: base, afterEach }, runs, quick, MINUTES);
  say(await write());
  say(`${join(out, name)}.md, .png, .svg and .json`);
  await bench.gpu.close();
}

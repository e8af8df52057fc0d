// The paper's figures, each one command: `node bench/figures.js 2|3|4|5`. They train what the tables in the same folder have not trained yet.
import { say, UsageError } from 'astrogpu/cli';
import { sampleImages } from 'astrogpu/data';
import { option, read } from 'astrogpu/train';
import { runCommand } from './common/command.ts';
import { openCifar } from './common/runs/images.ts';
import { COMMON, numberedHelp, outFolder, parseCommand } from './common/runs/options.ts';
import { planRuns } from './common/runs/plan.ts';
import { factsFor, listRuns, openBench, runBench } from './common/runs/session.ts';
import { baseConfig, DENSE, SEEDS } from './common/runs/size.ts';
import { heatFigure, SEED, writeHeat } from './figures/heat.ts';
import { cocoPictures, distinct } from './figures/pictures.ts';
import { curvesOf, regulationBase, regulationRows, writeRegulation } from './figures/regulation.ts';

const command = {
  name: 'node bench/figures.js',
  numbers: [2, 3, 4, 5],
  about: [
    'Figures 2, 3 (Grad-CAM under the structures of the AN, a ResNet and a DenseNet), 5 (under the features G), and 4 (the temporal regulation for each λ).',
    'Figures 2, 3 and 5 are of seed 1; 2 and 5 use the runs of Tables 1 and 3 in the same folder. After Ctrl-C or a crash the same command goes on.',
  ],
  options: {
    ...COMMON,
    coco: option({
      value: 'DIR',
      read: read.text,
      help: 'for 2, 3 and 5: pictures of COCO (datasets/coco) in place of test images, with the share of each map on the object',
    }),
  },
};

runCommand(command.name, async (args, typed) => {
  const { number, options } = parseCommand(command, args);
  if (number === undefined) return say(numberedHelp(command));
  const { quick = false } = options;
  if (number !== 4 && options.seeds !== undefined)
    throw new UsageError(`--seeds: figure ${number} shows the networks of one seed`);
  if (number === 4 && options.coco !== undefined) throw new UsageError('--coco goes with figures 2, 3 and 5');
  const seeds = number === 4 ? (options.seeds ?? SEEDS) : SEED;
  const plan = (available: { train: number; test: number }) => {
    const base = baseConfig(options, available);
    const heat =
      number === 4 ? undefined : heatFigure(number, { model: base.model, dense: quick ? DENSE.quick : DENSE.paper });
    const rows = heat?.rows ?? regulationRows(base.model);
    return { base, heat, rows, runs: planRuns(rows, base, seeds, options.only) };
  };
  // Wrong row names are found before anything is opened.
  const ahead = plan({ train: 50_000, test: 10_000 });
  if (options.list) return listRuns(outFolder(options), ahead.runs);
  const bench = await openBench(options, ahead.runs, () => openCifar(options));
  const { base, heat, rows, runs } = plan({ train: bench.data.train.count, test: bench.data.test.count });
  const test = sampleImages(bench.data.test, base.testImages, SEED);
  const pictures = options.coco === undefined ? distinct(test, SEED) : await cocoPictures(options.coco, test);
  const outcomes = await runBench(bench, runs, quick);
  const facts = factsFor(bench, typed, {
    quick,
    seeds,
    base: heat ? { ...base, model: rows[0].model } : regulationBase(base),
  });
  say(
    heat
      ? await writeHeat(bench, facts, heat, outcomes, pictures)
      : await writeRegulation(bench.out, facts, curvesOf(rows, outcomes, seeds)),
  );
  say(`${bench.out}/figure-${number}.md, .png and .json`);
  await bench.gpu.close();
});

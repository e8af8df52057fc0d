// What the astrocyte costs beside the network that it regulates: `node bench/astro.js --help`.
import { say, TUNING, version } from 'astrogpu/cli';
import { Gpu } from 'astrogpu/gpu';
import { configure } from 'astrogpu/train';
import { imagesFor, measure } from './astro/measure.ts';
import { command, parseOptions } from './astro/options.ts';
import { kernelTable, summary } from './astro/output.ts';
import { runCommand } from './common/command.ts';
import { writeJson } from './common/json.ts';
import { helpText } from './common/options.ts';

runCommand(command.name, async (args, typed) => {
  const { model, batch, rounds, json, ...asked } = parseOptions(args);
  if (asked.help) return say(helpText(command));
  if (asked.version) return say(version());
  const gpu = await Gpu.open({ tuning: { file: TUNING } });
  await gpu.tuner.load();
  const { adapter } = gpu;
  const job = configure(
    { recipe: 'paper', model, batch },
    { software: adapter.software, available: { train: 50000, test: 10000 } },
  );
  const config = { ...job, images: imagesFor(job, job.heldOut), testImages: job.batch };
  say(`adapter: ${adapter.description}`);
  say(`${config.model}, batch ${config.batch}, ${config.gate} gates, T = ${config.T}\n`);
  const cost = await measure(gpu, config, rounds);
  say(summary(cost, adapter.software));
  if (cost.pair.kernels.length > 0) say(`\n${kernelTable(cost)}`);
  if (json) writeJson(json, { command: typed, adapter }, { model: config.model, batch: config.batch, rounds, ...cost });
  await gpu.close();
});

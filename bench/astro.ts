// What the astrocyte costs beside the network that it regulates: `node bench/astro.js --help`.
import { configure, say, TUNING, version } from 'astrogpu/cli';
import { Gpu } from 'astrogpu/gpu';
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
  const job = configure({ model, batch }, adapter.software, { train: 50000, test: 10000 });
  const config = { ...job, images: imagesFor(job.recipe, job.search.heldOut), testImages: job.recipe.batch };
  const { gate, recipe } = config;
  say(`adapter: ${adapter.description}`);
  say(`${config.model}, batch ${recipe.batch}, ${gate.kind} gates, T = ${gate.T}\n`);
  const cost = await measure(gpu, config, rounds);
  say(summary(cost, adapter.software));
  if (cost.pair.kernels.length > 0) say(`\n${kernelTable(cost)}`);
  if (json) writeJson(json, { command: typed, adapter }, { model: config.model, batch: recipe.batch, rounds, ...cost });
  await gpu.close();
});

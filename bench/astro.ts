// What the astrocyte costs beside the network that it regulates: `node bench/astro.js --help`.

import { configure, TUNING } from 'astrogpu/cli';
import { AstroError, Gpu } from 'astrogpu/gpu';
import { imagesFor, measure } from './astro/measure.ts';
import { HELP, parseOptions } from './astro/options.ts';
import { kernelTable, summary } from './astro/output.ts';
import { UsageError } from './peers/options.ts';
import { ownVersion } from './peers/output.ts';
import { writeJson } from './roofline/output.ts';

const say = (text: string): void => console.log(text);

async function main(args: string[]): Promise<void> {
  const { model, batch, rounds, json, help, version } = parseOptions(args);
  if (help) return say(HELP);
  if (version) return say(ownVersion());
  const gpu = await Gpu.open({ tuning: { file: TUNING } });
  await gpu.tuner.load();
  const job = configure({ model, batch }, gpu.adapter.software, { train: 50000, test: 10000 });
  const config = { ...job, images: imagesFor(job.recipe, job.search.heldOut), testImages: job.recipe.batch };
  say(`adapter: ${gpu.adapter.description}`);
  say(`${config.model}, batch ${config.recipe.batch}, ${config.gate.kind} gates, T = ${config.gate.T}\n`);
  const outcome = await measure(gpu, config, rounds);
  say(summary(outcome, gpu.adapter.software));
  if (outcome.pair.kernels.length > 0) say(`\n${kernelTable(outcome)}`);
  if (json)
    writeJson(json, ['node bench/astro.js', ...args].join(' '), gpu.adapter, {
      model: config.model,
      batch: config.recipe.batch,
      rounds,
      ...outcome,
    });
  await gpu.close();
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error) => {
    process.stderr.write(`${error instanceof AstroError ? error.message : error.stack}\n`);
    process.exit(error instanceof UsageError ? 2 : 1);
  },
);

// What compaction gains in time, whatever the gates: `node bench/compaction.js --help`.
import { say, version, warn } from 'astrogpu/cli';
import { Gpu } from 'astrogpu/gpu';
import { runCommand } from './common/command.ts';
import { writeJson } from './common/json.ts';
import { helpText } from './common/options.ts';
import { type Measured, measure } from './compaction/measure.ts';
import { command, parseOptions } from './compaction/options.ts';
import { timeTable } from './compaction/output.ts';

runCommand(command.name, async (args, typed) => {
  const { models, help, version: asked, json, ...options } = parseOptions(args);
  if (help) return say(helpText(command));
  if (asked) return say(version());
  const gpu = await Gpu.open();
  const { adapter } = gpu;
  say(`adapter: ${adapter.description}`);
  say(`${options.rounds} rounds of ${options.batch} images, all networks of a model in turns\n`);
  const results: Measured[] = [];
  for (const model of models) {
    warn(model);
    results.push(await measure(gpu, { model, ...options }));
  }
  say(timeTable(results, adapter.software));
  if (json) writeJson(json, { command: typed, adapter }, { ...options, results });
  await gpu.close();
});

// Measures the ceilings of this adapter: `node bench/roofline.js --help`.
import { say, version } from 'astrogpu/cli';
import { Gpu, measureCeilings } from 'astrogpu/gpu';
import { ceilingTable } from './common/ceiling-table.ts';
import { runCommand } from './common/command.ts';
import { writeJson } from './common/json.ts';
import { helpText } from './common/options.ts';
import { command, parseOptions } from './roofline/options.ts';

const QUICK = { ms: 30, samples: 3, bytes: 2 ** 24 };

runCommand(command.name, async (args, typed) => {
  const options = parseOptions(args);
  if (options.help) return say(helpText(command));
  if (options.version) return say(version());
  const gpu = await Gpu.open();
  const { adapter } = gpu;
  say(`adapter: ${adapter.description}\n`);
  const ceilings = await measureCeilings(gpu, options.quick ? QUICK : {});
  say(ceilingTable(gpu, ceilings));
  if (options.json) writeJson(options.json, { command: typed, adapter }, { ceilings });
  await gpu.close();
});

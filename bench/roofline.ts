// Measures the ceilings of this adapter: `node bench/roofline.js --help`.
import { AstroError, Gpu, measureCeilings } from 'astrogpu/gpu';
import { UsageError } from './peers/options.ts';
import { ownVersion } from './peers/output.ts';
import { HELP, parseOptions } from './roofline/options.ts';
import { ceilingTable, writeJson } from './roofline/output.ts';

const QUICK = { ms: 30, samples: 3, bytes: 2 ** 24 };

async function main(args: string[]): Promise<void> {
  const say = (line: string): void => console.log(line);
  const { json, quick, help, version } = parseOptions(args);
  if (help) return say(HELP);
  if (version) return say(ownVersion());
  const gpu = await Gpu.open();
  say(`adapter: ${gpu.adapter.description}\n`);
  const ceilings = await measureCeilings(gpu, quick ? QUICK : {});
  say(ceilingTable(gpu, ceilings));
  if (json) writeJson(json, ['node bench/roofline.js', ...args].join(' '), gpu.adapter, { ceilings });
  await gpu.close();
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error) => {
    process.stderr.write(`${error instanceof AstroError ? error.message : error.stack}\n`);
    process.exit(error instanceof UsageError ? 2 : 1);
  },
);

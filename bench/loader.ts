// How many images a second the loader gives: `node bench/loader.js --help`.
import { availableParallelism, cpus } from 'node:os';
import { say, version, warn } from 'astrogpu/cli';
import { needDecoder, openImageSource } from 'astrogpu/data';
import { renderText } from 'astrogpu/report';
import { runCommand } from './common/command.ts';
import { short } from './common/format.ts';
import { writeJson } from './common/json.ts';
import { helpText } from './common/options.ts';
import { measure, type Row } from './loader/measure.ts';
import { command, parseOptions } from './loader/options.ts';
import { findPython, torchFolder } from './loader/torchvision.ts';

runCommand(command.name, async (args, typed) => {
  const options = parseOptions(args);
  if (options.help) return say(helpText(command));
  if (options.version) return say(version());
  const { data, rounds, json, floats, decoder } = options;
  await needDecoder(decoder);
  const images = await openImageSource(data, { log: warn });
  const folder = torchFolder(data);
  const python = folder === undefined ? undefined : findPython();
  const machine = `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores`;
  say(`machine: ${machine}`);
  say(`images: ${images.source}, JPEGs decoded by ${decoder}`);
  say(`medians of ${rounds} rounds${python ? ', both sides in turns' : ''}`);
  if (!python)
    say(
      folder === undefined
        ? 'torchvision is left out: it reads class folders alone'
        : 'torchvision is left out: no Python with torch and torchvision was found (PYTHON names one)',
    );
  say('');
  const rows: Row[] = [];
  for (const workers of options.workers) {
    warn(`${workers} ${workers > 1 ? 'workers' : 'worker'}`);
    rows.push(await measure(images.train, workers, options, python ? { python, folder: folder! } : undefined));
  }
  say(table(rows, floats));
  const versions = rows.find(({ theirs }) => theirs)?.theirs?.versions;
  if (json) writeJson(json, { command: typed, machine, versions }, { ...options, rows });
  images.close();
});

function table(rows: readonly Row[], floats: boolean): string {
  const peer = floats ? 'torchvision, floats' : 'torchvision, bytes';
  const titles = ['astrogpu, images/s', 'CPU ms each', `${peer}, images/s`, 'CPU ms each', 'ratio', 'ratio of CPU'];
  const or = (value: number | undefined, text: (value: number) => string): string =>
    value === undefined ? '-' : text(value);
  return renderText({
    columns: [{ title: 'workers' }, ...titles.map((title) => ({ title, align: 'right' as const }))],
    rows: rows.map(({ workers, ours, theirs, ratio, cpuRatio }) => [
      String(workers),
      `${short(ours.rate)} (${short(ours.low)}-${short(ours.high)})`,
      or(ours.cpu, short),
      or(theirs?.rate, (rate) => `${short(rate)} (${short(theirs!.low)}-${short(theirs!.high)})`),
      or(theirs?.cpu, short),
      or(ratio, (value) => `${value.toFixed(2)}×`),
      or(cpuRatio, (value) => `${value.toFixed(2)}×`),
    ]),
  });
}

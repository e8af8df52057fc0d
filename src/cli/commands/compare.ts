// `compare`: several runs as one page. It reads their folders, which may belong to runs at work, and changes nothing in them.
import { readdirSync, statSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { ConfigError } from '../../gpu/index.ts';
import { isSameFile, writeFileAtomic } from '../../io/index.ts';
import { type ComparedRun, renderComparison } from '../../report/index.ts';
import { option, type RunRecord, read, readRun } from '../../train/index.ts';
import { answer, say } from '../common/command.ts';
import { flagOf } from '../common/flags.ts';
import { helpPage, valueText } from '../common/help.ts';
import { HELP, parseTable, UsageError } from '../common/options.ts';
import { checkOutput, fromHere } from '../common/outputs.ts';

const table = {
  out: option({ value: 'FILE', read: read.text, help: 'the page that is written', default: 'comparison.html' }),
  help: HELP,
};

const helpText = (command: string): string =>
  helpPage({
    about: [
      'Puts several runs side by side in one HTML page: accuracies with their noise, the settings that differ, and the curves of each arm. Runs that are still at work may be among them.',
    ],
    usage: [`${command} RUN RUN ... [options]`],
    options: table,
    examples: [{ what: 'two seeds', line: `${command} runs/seed-1 runs/seed-2 --out seeds.html` }],
  });

export async function compare(args: string[], command: string): Promise<number> {
  const { values, words } = parseTable(table, args, { command, words: true });
  if (values.help) return answer(helpText(command));
  if (words.length < 2) throw new UsageError('name two run folders or more');
  const twice = words.find((word, i) => words.slice(0, i).some((other) => isSameFile(word, other)));
  if (twice !== undefined) throw new UsageError(`${twice}: this run is named twice; name each once`);
  const records = words.map((word) => naming(word, () => readRun(word)));
  const out = values.out ?? table.out.default;
  checkOutput('out', out, words.flatMap(filesOf));
  const names = shortNames(words);
  const runs = records.map((record, i) => comparedRun(names[i], words[i], record));
  writeFileAtomic(out, renderComparison(runs));
  say(`comparison of ${runs.length} runs: ${fromHere(out)}`);
  return 0;
}

/** Every file of a run: all that a page must not take the place of. */
const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());

/** Says which run it was that could not be read. */
function naming(word: string, read: () => RunRecord): RunRecord {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new UsageError(error.named((_, value) => String(value ?? word)));
  }
}

/** The last parts of paths, as many as tell them apart. */
function shortNames(words: readonly string[]): string[] {
  const parts = words.map((word) => resolve(word).split(sep));
  const longest = Math.max(...parts.map(({ length }) => length));
  for (let count = 1; count < longest; count++) {
    const names = parts.map((part) => part.slice(-count).join('/'));
    if (new Set(names).size === names.length) return names;
  }
  return [...words];
}

function comparedRun(name: string, folder: string, { saved, series, arms }: RunRecord): ComparedRun {
  const { config, command, date, adapter, standIn } = saved;
  if (typeof config !== 'object' || config === null)
    throw new UsageError(`${folder}: its config.json is not of a run of astrogpu train`);
  const values = config as Record<string, unknown>;
  const number = (of: string): number | undefined =>
    typeof values[of] === 'number' ? (values[of] as number) : undefined;
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  return {
    name,
    command: text(command),
    date: text(date),
    settings: [
      ...Object.entries(values).map(([key, value]) => ({ name: flagOf(key), value: valueText(value) })),
      { name: 'adapter', value: text(adapter) },
      ...(standIn === true ? [{ name: 'images', value: 'drawn stand-in, NOT CIFAR-10' }] : []),
    ],
    testImages: number('testImages') ?? 0,
    epochs: number('epochs'),
    series,
    arms,
  };
}

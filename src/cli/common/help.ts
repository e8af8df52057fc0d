// Options in words: the lines of a help text, wrapped to the terminal, and settings as a report shows them. Values, defaults and headings are the table's.
// What this file imports loads without any package: `doctor` needs it.
import type { Option, OptionTable } from '../../train/index.ts';
import { dashed } from './flags.ts';
import { SHORT } from './options.ts';

/** Columns where there is no terminal. */
const WIDTH = 100;
/** Columns below which wrapping helps nobody. */
const NARROWEST = 60;

/** The columns of a help text: the terminal's. */
const columns = (): number => Math.max(NARROWEST, process.stdout.columns ?? WIDTH);

/** A paragraph in lines of at most `width` columns; a word that is longer has a line of its own. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** The rows of a table under their headings, in order. */
export function byGroup(table: OptionTable): Map<string, [string, Option][]> {
  const groups = new Map<string, [string, Option][]>();
  for (const [name, row] of Object.entries(table)) {
    const title = row.group ?? '';
    groups.set(title, [...(groups.get(title) ?? []), [name, row]]);
  }
  return groups;
}

/** A value as it would be typed; switches as yes and no. */
export function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.length > 0 ? value.join(',') : 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return value === Number.POSITIVE_INFINITY ? 'all' : String(value);
}

/** What a command says of itself. */
export interface HelpPage {
  /** Paragraphs: what it is for. */
  about: readonly string[];
  /** How it is called, a line each. */
  usage: readonly string[];
  options: OptionTable;
  /** Paragraphs behind the options. */
  more?: readonly string[];
  /** Command lines, each with what it is for. */
  examples?: readonly { what: string; line: string }[];
}

/** The text of `--help`. `width` is in columns; default the terminal's, else 100. Lines that are to be copied are not wrapped. */
export function helpPage({ about, usage, options, more = [], examples = [] }: HelpPage, width = columns()): string {
  return [
    ...about.flatMap((text) => wrap(text, width)),
    '',
    ...usage.map((line) => `  ${line}`),
    '',
    ...describeTable(options, width),
    ...more.flatMap((text) => ['', ...wrap(text, width)]),
    ...(examples.length > 0 ? ['', 'examples:'] : []),
    ...examples.flatMap(({ what, line }) => [`  # ${what}`, `  ${line}`]),
  ].join('\n');
}

/** The options of a table, each with what it takes, under headings where there are several; the usual ones first. */
export function describeTable(table: OptionTable, width = columns()): string[] {
  const flagText = (name: string, { value }: Option): string =>
    `  --${dashed(name)}${value ? ` ${value}` : ''}${SHORT[name] ? `, -${SHORT[name]}` : ''}`;
  const left = Math.max(...Object.entries(table).map(([name, row]) => flagText(name, row).length)) + 2;
  const parted = (usual: boolean): OptionTable =>
    Object.fromEntries(Object.entries(table).filter(([, row]) => (row.usual === true) === usual));
  const usual = Object.entries(parted(true));
  const groups = [...(usual.length > 0 ? [['usual', usual] as const] : []), ...byGroup(parted(false))];
  return groups.flatMap(([title, rows], i) => [
    ...(groups.length > 1 ? [...(i > 0 ? [''] : []), `${title}:`] : []),
    ...rows.flatMap(([name, row]) =>
      wrap(helpOf(row), width - left).map((line, j) => (j > 0 ? '' : flagText(name, row)).padEnd(left) + line),
    ),
  ]);
}

function helpOf(row: Option): string {
  const { help, read, was } = row;
  const notes = [defaultOf(row), paperOf(row), was && `was --${was}`].filter(Boolean);
  return `${help}${read?.names ? ` [${read.names.join(', ')}]` : ''}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`;
}

function defaultOf({ default: usual, softwareDefault, defaultText }: Option): string | undefined {
  if (defaultText !== undefined) return `default ${defaultText}`;
  if (usual === undefined || usual === false) return undefined;
  const small = softwareDefault === undefined ? '' : `; ${valueText(softwareDefault)} on a software adapter`;
  return `default ${valueText(usual)}${small}`;
}

/** Which values go beyond the paper. */
function paperOf(row: Option): string | undefined {
  if (!row.beyond) return undefined;
  const further = row.read?.names?.filter((name) => row.beyond!(name));
  if (further) return `${further.join(', ')}: beyond the paper`;
  if (row.default === undefined || row.default === false) return 'beyond the paper';
  // Where another default is shown, "others" would be others than that.
  const others = row.defaultText === undefined ? 'other values' : `all but ${valueText(row.default)}`;
  return `${others}: beyond the paper`;
}

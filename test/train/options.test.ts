// The table of options: one row is all that the parser, the help text, the defaults, the configuration and the report know of an option.
import { describe, expect, it } from 'vitest';
import { describeTable } from '../../src/cli/common/help.ts';
import { parseTable } from '../../src/cli/common/options.ts';
import { notes, settingGroups } from '../../src/cli/train/notes.ts';
import { checkRoom, configure, isJobConfig, limited } from '../../src/train/config.ts';
import { option, type Settings, settingsOf } from '../../src/train/options/option.ts';
import * as read from '../../src/train/options/read.ts';
import { JOB_OPTIONS } from '../../src/train/options/table.ts';

const available = { train: 50_000, test: 10_000 };

describe('an option that is one row more', () => {
  const table = {
    ...JOB_OPTIONS,
    clipValue: option({
      group: 'training',
      value: 'X',
      read: read.number(0, 100),
      help: 'largest norm of the gradient',
      default: 5,
      softwareDefault: 1,
      was: 'clip',
      beyond: (norm) => (norm === 5 ? undefined : `gradients clipped at ${norm}`),
    }),
  };
  const parse = (...args: string[]) => parseTable(table, args, { command: 'train' }).values;
  const config = (given: object, software: boolean): Settings<typeof table> => ({
    ...configure({ recipe: 'paper', ...given }, { software, available }),
    ...settingsOf({ clipValue: table.clipValue }, given, software),
  });

  it('is parsed, by its earlier name too, and refused in one line', () => {
    expect(parse('--clip-value', '2')).toEqual({ clipValue: 2 });
    expect(parse('--clip', '2')).toEqual({ clipValue: 2 });
    expect(() => parse('--clip-value', '200')).toThrow('--clip-value 200: takes a number from 0 to 100');
  });

  it('stands in the help text with its default, under its heading', () => {
    const lines = describeTable(table, 200);
    const at = lines.findIndex((line) => line.startsWith('  --clip-value X'));
    expect(lines[at]).toMatch(
      /^ {2}--clip-value X +largest norm of the gradient \(default 5; 1 on a software adapter; other values: beyond the paper; was --clip\)$/,
    );
    expect(lines.slice(0, at).findLast((line) => line.endsWith(':'))).toBe('training:');
  });

  it('has its default, on a software adapter another one, in the configuration', () => {
    expect(config({}, false).clipValue).toBe(5);
    expect(config({}, true).clipValue).toBe(1);
    expect(config({ clipValue: 3 }, true).clipValue).toBe(3);
  });

  it('is in the configuration that the report shows, and in its note where it goes beyond the paper', () => {
    const shown = settingGroups(config({}, false), table).find(({ title }) => title === 'training')!;
    expect(shown.settings.at(-1)).toEqual({ name: '--clip-value', value: '5' });
    expect(notes(config({}, false), table).join()).not.toContain('clipped');
    expect(notes(config({ clipValue: 3 }, false), table).at(-1)).toBe('Beyond the paper: gradients clipped at 3.');
  });
});

it('a saved configuration is this version’s, or it is not', () => {
  const saved = JSON.parse(JSON.stringify(configure({}, { software: true, available })));
  expect(isJobConfig(saved)).toBe(true);
  expect(isJobConfig({ model: 'resnet-small', recipe: { batch: 50 }, guide: { epochs: 6 } })).toBe(false);
  const { lr: _, ...less } = saved;
  expect(isJobConfig(less)).toBe(false);
  expect(isJobConfig({ ...saved, clipValue: 3 })).toBe(false);
});

it('every row has a heading and a help, and its default is a value that it reads', () => {
  for (const [name, row] of Object.entries(JOB_OPTIONS)) {
    expect(row.group, name).toBeTruthy();
    expect(row.help, name).toBeTruthy();
    const value = row.default;
    if (value === undefined || typeof value === 'boolean' || value === Number.POSITIVE_INFINITY) continue;
    const text = Array.isArray(value) ? value.join(',') : String(value);
    expect(row.read!(text, name), name).toEqual(value);
  }
});

describe('numbers that a job cannot have', () => {
  const small = { train: 200, test: 50 };
  const config = (given: Parameters<typeof configure>[0]) =>
    configure({ updates: 'each', ...given }, { software: true, available: small });

  it('become the most there is, which is said', () => {
    const given = { images: 1e6, testImages: 1e6, batch: 2000 };
    expect(config(given)).toMatchObject({ images: 200, testImages: 50, batch: 200 });
    const said = limited(given, config(given), small).map(({ field, asked, became }) => [field, asked, became]);
    expect(said).toEqual([
      ['images', 1e6, 200],
      ['testImages', 1e6, 50],
      ['batch', 2000, 200],
      ['batch', 200, 40],
    ]);
    expect(limited({ images: 100, batch: 20 }, config({ images: 100, batch: 20 }), small)).toEqual([]);
  });

  it('are refused where a table has no room for them, with the limit', () => {
    const guide = { batch: 20, phase: ['guide' as const] };
    expect(() => checkRoom(config({ ...guide, epochs: 1e9 }))).toThrow(
      'epochs 1000000000: with 10 updates in an epoch that is 10000000000, and the table of learning rates has room for 33554432; takes 3355443 at the most',
    );
    expect(() => checkRoom(config({ ...guide, epochs: 3_355_444 }))).toThrow('at the most');
    checkRoom(config({ ...guide, epochs: 3_355_443 }));
    // A search of 8 pairs of batches with six updates each.
    expect(() => checkRoom(config({ batch: 20, searchEpochs: 699_051 }))).toThrow('takes 699050 at the most');
    checkRoom(config({ batch: 20, searchEpochs: 699_050 }));
  });
});

it('a vision transformer has gates on its filters, unless something else is asked for', () => {
  const gate = (given: Parameters<typeof configure>[0]) => configure(given, { software: false, available }).gate;
  expect(gate({})).toBe('connection');
  expect(gate({ model: 'densenet-small' })).toBe('connection');
  expect(gate({ model: 'vit-b-16' })).toBe('filter');
  expect(gate({ model: 'vit-tiny-cifar', gate: 'connection' })).toBe('connection');
});

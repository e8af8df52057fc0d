// The command that measures ceilings: its options.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../bench/roofline/options.ts';
import { UsageError } from '../../src/cli/common/options.ts';

describe('options', () => {
  it('have defaults, and are taken', () => {
    expect(parseOptions([])).toEqual({ json: undefined, quick: false, help: false, version: false });
    expect(parseOptions(['--json', 'x.json', '--quick', '-h', '--version'])).toEqual({
      ...{ json: 'x.json', quick: true, help: true, version: true },
    });
  });
  it.each([
    [['--fast'], /^Unknown option '--fast'; node bench\/roofline\.js --help lists the options$/],
    [['f32'], /^Unexpected argument 'f32'/],
    [['--json'], /^Option '--json <value>' argument missing/],
    [
      ['--json', 'no/such/folder/x.json'],
      /^--json no\/such\/folder\/x\.json cannot be written \(the folder no\/such\/folder is not there\)/,
    ],
    [['--json', tmpdir()], /cannot be written \(it is a folder, not a file\)/],
  ])('refuse %j in one line', (args, message) => {
    expect(() => parseOptions(args)).toThrow(UsageError);
    expect(() => parseOptions(args)).toThrow(message);
  });
  it.skipIf(!existsSync('bench/roofline.js'))('end a wrong call with code 2, and nothing but the line', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['bench/roofline.js', '--nonsense'], {
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^Unknown option '--nonsense'.*\n$/);
  });
});

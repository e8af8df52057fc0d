// The command that measures ceilings: its options, its table and its file.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../bench/peers/options.ts';
import { parseOptions } from '../../bench/roofline/options.ts';
import { ceilingTable, short, writeJson } from '../../bench/roofline/output.ts';
import type { Gpu } from '../../src/gpu/gpu.ts';
import type { Ceilings } from '../../src/gpu/profile/roofline.ts';

const ceilings: Ceilings = {
  ...{ f32: 150.4, read: 8.123, copy: 10, bufferCopy: 29, workgroup: 0.0123 },
  dispatch: { encode: 2.5, submit: 200, execute: 13.9, wait: 830 },
};

describe('options', () => {
  it('have defaults, and are taken', () => {
    expect(parseOptions([])).toEqual({ json: undefined, quick: false, help: false, version: false });
    expect(parseOptions(['--json', 'x.json', '--quick', '-h', '--version'])).toEqual({
      ...{ json: 'x.json', quick: true, help: true, version: true },
    });
  });
  it.each([
    [['--fast'], /^Unknown option '--fast'; see --help$/],
    [['f32'], /^Unexpected argument 'f32'/],
    [['--json'], /^Option '--json <value>' argument missing/],
    [
      ['--json', 'no/such/folder/x.json'],
      /^--json no\/such\/folder\/x\.json: the folder no\/such\/folder is not there/,
    ],
    [['--json', tmpdir()], /takes the name of a file$/],
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

describe('output', () => {
  it.each([
    [123456, '123456'],
    [12.345, '12.3'],
    [0.01234, '0.0123'],
    [Number.NaN, '-'],
  ])('shortens %d to %s', (value, text) => expect(short(value)).toBe(text));

  it('says what is not offered', () => {
    const without = ceilingTable({ capabilities: { f16: false } } as Gpu, ceilings).split('\n');
    expect(without.find((line) => line.startsWith('f32'))).toMatch(/150 +GFLOP\/s$/);
    expect(without.find((line) => line.startsWith('f16 multiply'))).toMatch(/not offered$/);
    expect(without.find((line) => line.includes('matrix units'))).toMatch(/not offered$/);
    const all = ceilingTable({ capabilities: { f16: true } } as Gpu, { ...ceilings, f16: 20, matrix: 300000 });
    expect(all).toMatch(/f16 multiply-adds +20.0 {2}GFLOP\/s/);
    expect(all).toMatch(/matrix units, operands in registers +300000 {2}GFLOP\/s/);
  });

  it('writes JSON with what is needed to repeat it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'roofline-'));
    afterAll(() => rmSync(folder, { recursive: true }));
    const adapter = { description: 'an adapter', software: true, key: 'k' } as Gpu['adapter'];
    writeJson(join(folder, 'x.json'), 'node bench/roofline.js', adapter, { ceilings });
    const written = JSON.parse(readFileSync(join(folder, 'x.json'), 'utf8'));
    expect(written).toMatchObject({ command: 'node bench/roofline.js', adapter, ceilings });
    expect(written.versions).toEqual({
      astrogpu: expect.any(String),
      webgpu: expect.any(String),
      node: expect.any(String),
    });
    expect(readdirSync(folder)).toEqual(['x.json']);
  });
});

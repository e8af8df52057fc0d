// What the commands of bench/ share: help, tables and files of what was measured, the measure of disagreement, and that a command's folder stands on nothing else.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { ceilingTable } from '../../bench/common/ceiling-table.ts';
import { disagreement } from '../../bench/common/disagreement.ts';
import { short } from '../../bench/common/format.ts';
import { writeJson } from '../../bench/common/json.ts';
import { helpText, MEASURING } from '../../bench/common/options.ts';
import type { Gpu } from '../../src/gpu/gpu.ts';
import type { Ceilings } from '../../src/gpu/profile/roofline.ts';

const bench = fileURLToPath(new URL('../../bench/', import.meta.url));

it("a command's folder imports from bench/common and from itself, and bench/common from itself", () => {
  const wrong: string[] = [];
  const files = readdirSync(bench, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  expect(files).toContain('common/options.ts');
  for (const file of files)
    for (const [, from] of readFileSync(join(bench, file), 'utf8').matchAll(/from '(\.[^']+)'/g)) {
      const folder = file.includes('/') ? file.split('/')[0] : file.replace('.ts', '');
      const target = new URL(from, `file:///${file}`).pathname.slice(1).split('/')[0];
      if (target !== folder && target !== 'common') wrong.push(`${file} imports ${from}`);
    }
  expect(wrong).toEqual([]);
});

it('help says what a command does, how it is called, and each option', () => {
  const command = {
    name: 'node bench/x.js',
    about: ['Measures.', 'All.'],
    options: { quick: { help: 'less' }, ...MEASURING },
  };
  const lines = helpText(command, '1|2').split('\n');
  expect(lines.slice(0, 3)).toEqual(['Measures. All.', '', '  node bench/x.js 1|2 [options]']);
  expect(lines.slice(4).map((line) => line.trim().split(/ {2,}/)[0])).toEqual([
    '--quick',
    '--json FILE',
    '--help, -h',
    '--version, -v',
  ]);
});

describe('disagreement', () => {
  it('is measured against the largest magnitude', () => {
    expect(disagreement([1, -4], [1, -4])).toBe(0);
    expect(disagreement([1.5, -4], [1, -4])).toBe(0.125);
    expect(disagreement([0, 1], [0, 0])).toBe(Number.POSITIVE_INFINITY);
  });
  it.each([
    [[Number.NaN], [1]],
    [[1], [Number.NaN]],
    [[Number.NaN], [Number.NaN]],
    [[Number.POSITIVE_INFINITY], [Number.POSITIVE_INFINITY]],
    [[1], [1, 2]],
    [
      [0, 0],
      [0, 0],
    ],
    [[], []],
  ])('lets nothing slip through: %j against %j', (actual, expected) => {
    expect(disagreement(actual, expected)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('output', () => {
  const ceilings: Ceilings = {
    ...{ f32: 150.4, read: 8.123, copy: 10, bufferCopy: 29, workgroup: 0.0123 },
    dispatch: { encode: 2.5, submit: 200, execute: 13.9, wait: 830 },
  };
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  afterAll(() => rmSync(folder, { recursive: true }));

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
    const adapter = { description: 'an adapter', software: true, key: 'k' } as Gpu['adapter'];
    const origin = { command: 'node bench/peers.js', adapter, versions: { tfjs: '4.22.0', jax: '0.1.25' } };
    writeJson(join(folder, 'x.json'), origin, { rounds: 3, rows: [{ name: 'a' }] });
    const written = JSON.parse(readFileSync(join(folder, 'x.json'), 'utf8'));
    expect(written).toMatchObject({ command: 'node bench/peers.js', adapter, rounds: 3, rows: [{ name: 'a' }] });
    expect(written.versions).toEqual({
      tfjs: '4.22.0',
      jax: '0.1.25',
      astrogpu: expect.stringMatching(/^\d/),
      webgpu: expect.stringMatching(/^\d/),
      node: expect.stringMatching(/^\d/),
    });
    expect(new Date(written.date).getTime()).not.toBeNaN();
    expect(readdirSync(folder)).toEqual(['x.json']);
  });
});

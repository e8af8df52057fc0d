// What the measurement of the ceilings leaves behind: a table, and a JSON file.
import { createRequire } from 'node:module';
import type { AdapterSummary, Ceilings, Gpu } from 'astrogpu/gpu';
import { writeFileAtomic } from 'astrogpu/io';
import { renderText } from 'astrogpu/report';
import { ownVersion } from '../peers/output.ts';

/** Three significant digits, without an exponent. */
export const short = (value: number): string =>
  Number.isNaN(value) ? '-' : Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);

export function ceilingTable({ capabilities }: Gpu, ceilings: Ceilings): string {
  const { f32, f16, matrix, read, copy, bufferCopy, workgroup, dispatch } = ceilings;
  const rate = (value: number | undefined, missing: string, unit: string): [string, string] =>
    value === undefined ? [missing, ''] : [short(value), unit];
  const rows: [string, string, string][] = [
    ['f32 multiply-adds', ...rate(f32, '', 'GFLOP/s')],
    ['f16 multiply-adds', ...rate(f16, capabilities.f16 ? '-' : 'not offered', 'GFLOP/s')],
    ['f16 → f32 matrix units, operands in registers', ...rate(matrix, 'not offered', 'GFLOP/s')],
    ['memory, a kernel that reads', short(read), 'GB/s'],
    ['memory, a kernel that copies (read + written)', short(copy), 'GB/s'],
    ['memory, copyBufferToBuffer (read + written)', short(bufferCopy), 'GB/s'],
    ['workgroup memory, read', short(workgroup), 'GB/s'],
    ['dispatch: encode, on the host', short(dispatch.encode), 'µs'],
    ['dispatch: execute, each after the one before', short(dispatch.execute), 'µs'],
    ['submit, on the host', short(dispatch.submit), 'µs'],
    ['submit of one small dispatch until its end is known', short(dispatch.wait), 'µs'],
  ];
  return renderText({
    columns: [{ title: 'ceiling' }, { title: 'median', align: 'right' }, { title: '' }],
    rows,
  });
}

/** Writes a JSON file, whole or not at all, with what is needed to repeat the measurement. */
export function writeJson(file: string, command: string, adapter: AdapterSummary, content: object): void {
  const { description, software, key } = adapter;
  const dawn = createRequire(import.meta.url)('webgpu/package.json').version;
  const versions = { astrogpu: ownVersion(), webgpu: dawn, node: process.versions.node };
  const head = { command, date: new Date().toISOString(), adapter: { description, software, key }, versions };
  writeFileAtomic(file, `${JSON.stringify({ ...head, ...content }, null, 2)}\n`);
}

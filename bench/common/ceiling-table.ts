// The ceilings of an adapter as a table.
import type { Ceilings, Gpu } from 'astrogpu/gpu';
import { renderText } from 'astrogpu/report';
import { short } from './format.ts';

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

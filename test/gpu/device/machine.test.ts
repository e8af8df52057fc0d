// The machine's numbers: one table, and nobody else asks what kind of adapter it is.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { machineOf } from '../../../src/gpu/device/machine.ts';
import { gpu } from '../../support/gpu.ts';

const src = fileURLToPath(new URL('../../../src/', import.meta.url));

describe('the machine', () => {
  it('has the same numbers for both kinds of adapter, of the same types', () => {
    // A list may be longer on one of them.
    const shape = (value: unknown): unknown =>
      Array.isArray(value)
        ? ['a list of', typeof value[0]]
        : value && typeof value === 'object'
          ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shape(inner)]))
          : typeof value;
    expect(shape(machineOf({ software: true }))).toEqual(shape(machineOf({ software: false })));
  });

  it('is that of the adapter', () => {
    expect(gpu.machine).toBe(machineOf(gpu.adapter));
    const other = !gpu.adapter.software;
    const changed = Object.create(gpu, { adapter: { value: { ...gpu.adapter, software: other } } });
    expect(changed.machine).toBe(machineOf({ software: other }));
    expect(changed.machine).not.toBe(gpu.machine);
  });

  it('is the only place where the kernels of the two kinds part', () => {
    const asks = readdirSync(src, { recursive: true, encoding: 'utf8' })
      .filter((file) => /^(gpu|tensor|ops|nn)\/.*\.ts$/.test(file))
      .filter((file) => /\.software\b|\{[^}]*\bsoftware\b[^}]*\} = .*adapter/.test(readFileSync(src + file, 'utf8')));
    expect(asks).toEqual([]);
  });
});

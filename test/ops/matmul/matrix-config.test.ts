// Which matrix units are used, and which tiles: of what adapters list, by size and by the room a device has.
import { describe, expect, it } from 'vitest';
import { machineOf } from '../../../src/gpu/device/machine.ts';
import { type MatrixConfig, matrixUnits } from '../../../src/gpu/device/matrix-units.ts';
import type { Gpu } from '../../../src/gpu/gpu.ts';
import { matrixFits, matrixTiles, sizesOf } from '../../../src/ops/matmul/kernels/matrix-config.ts';

const features = new Set(['shader-f16', 'subgroups', 'subgroup-size-control', 'chromium-experimental-subgroup-matrix']);
const config = (componentType: string, resultComponentType: string, M: number, N: number, K: number): MatrixConfig => ({
  ...{ componentType, resultComponentType, M, N, K },
});
const listed = [
  config('f16', 'f16', 16, 16, 16),
  config('f16', 'f32', 16, 8, 16),
  config('f16', 'f32', 16, 16, 16),
  config('i8', 'i32', 16, 16, 32),
];
const lanes = { subgroupMaxSize: 32 };

describe('units', () => {
  it('are the largest of f16 operands and f32 sums', () => {
    expect(matrixUnits(features, listed, lanes)).toEqual({ M: 16, N: 16, K: 16, lanes: 32 });
    expect(matrixUnits(features, listed.slice(0, 2), lanes)).toEqual({ M: 16, N: 8, K: 16, lanes: 32 });
  });

  it.each([
    ['sums in f16 alone', features, listed.slice(0, 1)],
    ['sides that loads of eight halves do not fill', features, [config('f16', 'f32', 4, 4, 4)]],
    ['nothing listed', features, []],
    ['no control of subgroup sizes', new Set([...features].filter((name) => !name.includes('control'))), listed],
  ])('are none with %s', (_, given, configs) => {
    expect(matrixUnits(given, configs, lanes)).toBeUndefined();
  });
});

describe('tiles', () => {
  const device = (matrix: object | undefined, storage = 49152, threads = 1024): Gpu =>
    ({
      capabilities: { matrix },
      machine: machineOf({ software: false }),
      device: {
        limits: {
          maxComputeWorkgroupStorageSize: storage,
          maxComputeInvocationsPerWorkgroup: threads,
          maxComputeWorkgroupSizeX: threads,
        },
      },
    }) as unknown as Gpu;
  const sixteens = { M: 16, N: 16, K: 16, lanes: 32 };
  const names = (gpu: Gpu, ...size: [number, number, number?]): string[] =>
    matrixTiles(gpu, ...size).map(({ name }) => name);

  it.each([
    ['large products', [4096, 4096], 'wide'],
    ['few columns', [65536, 64], 'tall'],
    ['few columns, not quite', [65536, 100], 'wide'],
    ['too few workgroups', [512, 512], 'small'],
    ['the same in many planes', [512, 512, 12], 'wide'],
  ] as const)('%s', (_, [rows, columns, times], expected) => {
    expect(names(device(sixteens), rows, columns, times)[0]).toBe(expected);
  });

  it('cover the same result whatever the units', () => {
    for (const units of [sixteens, { ...sixteens, N: 8 }, { M: 8, N: 8, K: 8, lanes: 32 }]) {
      expect(names(device(units), 4096, 4096)).toEqual(['wide', 'square', 'tall', 'small']);
      for (const tile of matrixTiles(device(units), 4096, 4096)) {
        const { BM, BN } = sizesOf(units, tile);
        expect([BM, BN]).toEqual({ wide: [128, 128], square: [128, 128], tall: [128, 64], small: [64, 64] }[tile.name]);
      }
    }
  });

  it('are those that the device has room for', () => {
    expect(names(device(sixteens, 16384), 4096, 4096)).toEqual(['tall', 'small']);
    expect(names(device(sixteens, 49152, 128), 4096, 4096)).toEqual(['square', 'tall', 'small']);
    expect(names(device(sixteens, 8192), 4096, 4096)).toEqual([]);
    expect(matrixFits(device(sixteens, 8192))).toBe(false);
    expect(matrixFits(device(undefined))).toBe(false);
    expect(matrixFits(device(sixteens))).toBe(true);
  });
});

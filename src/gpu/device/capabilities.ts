// What astrogpu asks of an adapter, and what the device then offers.
import type { AdapterSummary } from './adapter.ts';
import { type MatrixUnits, matrixConfigs, matrixUnits } from './matrix-units.ts';

/** What the device offers beyond the core of WebGPU. */
export interface Capabilities {
  f16: boolean;
  subgroups: boolean;
  timestamps: boolean;
  /** The configuration of the matrix units that kernels use, f16 operands and f32 sums. */
  matrix?: MatrixUnits;
}

/** The features that shaders and profiles can use. The last two make matrix units usable; the WebGPU types do not know them yet. */
export const WANTED = [
  'shader-f16',
  'subgroups',
  'timestamp-query',
  'subgroup-size-control',
  'chromium-experimental-subgroup-matrix',
] as GPUFeatureName[];
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
] as const;

/** A device with every feature and limit that astrogpu can use and the adapter has. */
export function openDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  const requiredLimits: Record<string, number> = {};
  for (const name of LIMITS) requiredLimits[name] = adapter.limits[name];
  return adapter.requestDevice({
    label: 'astrogpu',
    requiredFeatures: WANTED.filter((feature) => adapter.features.has(feature)),
    requiredLimits,
  });
}

export function capabilitiesOf({ features }: GPUDevice, source: GPUAdapter, summary: AdapterSummary): Capabilities {
  return {
    f16: features.has('shader-f16'),
    subgroups: features.has('subgroups') && summary.subgroupMinSize > 0,
    timestamps: features.has('timestamp-query'),
    matrix: matrixUnits(features, matrixConfigs(source), summary),
  };
}

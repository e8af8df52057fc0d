/**
 * The machine floor's public face: adapter, memory, kernels, captured programs, profiler, tuner; no tensors.
 * @module astrogpu/gpu
 */

export { checkKernels } from './check-kernels.ts';
export { checked, isRecord, parseJson, type Refuse } from './checked.ts';
export { type AdapterSummary, DEFAULT_TOGGLES, provideGpu } from './device/adapter.ts';
export {
  ArgumentError,
  type ArgumentKind,
  needArguments,
  needFields,
  needOptions,
  whatOf,
} from './device/arguments.ts';
export type { Capabilities } from './device/capabilities.ts';
export {
  AstroError,
  advising,
  CaptureError,
  ConfigError,
  DeviceLostError,
  KernelError,
  NoAdapterError,
  OutOfMemoryError,
  type SettingName,
  TuningTableError,
  ValidationError,
} from './device/errors.ts';
export { fromHalf, toHalf } from './device/half.ts';
export type { Machine } from './device/machine.ts';
export type { MatrixUnits } from './device/matrix-units.ts';
export { IN_NODE } from './device/platform.ts';
export { polled } from './device/poll.ts';
export { type CaptureOptions, Gpu, type GpuOptions } from './gpu.ts';
export { chunkGrid } from './kernel/chunk-grid.ts';
export { grid1d } from './kernel/fold-grid.ts';
export { halving } from './kernel/halving.ts';
export { type Cost, type Dispatch, f32, type KernelCall, type Operand, params } from './kernel/kernel.ts';
export {
  type Allocation,
  type AllocationOwner,
  type Memory,
  type MemoryStats,
  megabytes,
  type Slice,
} from './kernel/memory.ts';
export type { Program } from './kernel/program.ts';
export { addShader } from './kernel/shaders.ts';
export { didYouMean, nearest } from './nearest.ts';
export type {
  Pointwise,
  PointwiseOperand,
  PointwiseResult,
  PointwiseStep,
  PointwiseValue,
  Stored,
} from './pointwise/pointwise.ts';
export { median } from './profile/median.ts';
export type { KernelTime, Profile, ProfileOptions, ProfileTotals } from './profile/profiler.ts';
export {
  type Ceilings,
  type DispatchCeiling,
  type Limit,
  leastTime,
  measureCeilings,
  ProbeError,
  type RooflineOptions,
} from './profile/roofline.ts';
export { type Span, type Timeline, writeTrace } from './profile/trace.ts';
export { candidatesFor, type KernelEntry } from './tune/kernel-list.ts';
export type { Candidate, Choice, Tuner, TunerOptions, TuningJob } from './tune/tuner.ts';
export { addTuningTable, readTuningTable, type TuningTable } from './tune/tuning-tables.ts';

// The machine floor's public face.
export { type AdapterSummary, DEFAULT_TOGGLES, provideGpu } from './adapter.ts';
export type { Capabilities } from './capabilities.ts';
export {
  AstroError,
  CaptureError,
  DeviceLostError,
  KernelError,
  NoAdapterError,
  OutOfMemoryError,
  ValidationError,
} from './errors.ts';
export { Gpu, type GpuOptions } from './gpu.ts';
export { fromHalf, toHalf } from './half.ts';
export { type Cost, f32, grid1d, type KernelCall, params } from './kernel.ts';
export type { MatrixUnits } from './matrix-units.ts';
export { type Allocation, type MemoryStats, megabytes, type Slice } from './memory.ts';
export type { KernelTime, Profile, ProfileOptions, ProfileTotals } from './profiler.ts';
export type { Program } from './program.ts';
export {
  bandwidthOf,
  type Ceilings,
  type DispatchCeiling,
  type Limit,
  leastTime,
  measureCeilings,
  ProbeError,
  type RooflineOptions,
} from './roofline.ts';
export { addShader } from './shaders.ts';
export { throttled } from './throttle.ts';
export { type Span, type Timeline, type TraceEvent, traceEvents, writeTrace } from './trace.ts';
export type { Candidate, Choice, Job as TuningJob, TunerOptions } from './tuner.ts';
export { addTuningTable, type TuningTable } from './tuning-tables.ts';

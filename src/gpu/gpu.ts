// The machine: opens a device, runs kernels on it in order, captures steps, moves bytes in and out, and says what went wrong by name.
// WebGPU's types come with TypeScript's own library, which the package's declarations ask for, whatever a project chose.
/// <reference lib="dom" preserve="true" />
import { type AdapterRequest, type AdapterSummary, requestAdapter, summarize } from './device/adapter.ts';
import { needOptions } from './device/arguments.ts';
import { type Capabilities, capabilitiesOf, openDevice } from './device/capabilities.ts';
import { CaptureError, ConfigError, KernelError, ValidationError } from './device/errors.ts';
import { prepareCollection } from './device/force-gc.ts';
import { type Machine, machineOf } from './device/machine.ts';
import { Refusals } from './device/refusals.ts';
import { runPlain } from './kernel/capturable.ts';
import { Failures } from './kernel/failures.ts';
import { type Dispatch, KernelCache, type KernelCall } from './kernel/kernel.ts';
import { type Allocation, Memory, type Slice } from './kernel/memory.ts';
import { Program } from './kernel/program.ts';
import { loadShaders } from './kernel/shaders.ts';
import { Staging, writable } from './kernel/staging.ts';
import { pointwiseCall } from './pointwise/call.ts';
import { elementsOf, labelOf, type Pointwise } from './pointwise/pointwise.ts';
import { Recording } from './pointwise/recording.ts';
import type { Profile, ProfileOptions } from './profile/profiler.ts';
import { Queue } from './queue.ts';
import { Tuner, type TunerOptions } from './tune/tuner.ts';
import { loadTuningTables } from './tune/tuning-tables.ts';

/** How a Gpu is opened. Everything may be left out. */
export interface GpuOptions extends AdapterRequest {
  /** Bytes that tensors may take together. Default: no limit but the device's. */
  memoryBudget?: number;
  /** Fills every buffer with NaN when it is handed out, so that reading what was never written shows. */
  poison?: boolean;
  /**
   * For finding leaks: told in a line of each tensor that the program dropped without release() or a scope, with the place where it was made. Its memory is back by
   * then. Making tensors takes longer with it.
   */
  onDrop?: (message: string) => void;
  tuning?: TunerOptions;
}

const OPTIONS: Record<keyof GpuOptions, true> = {
  ...{ memoryBudget: true, poison: true, onDrop: true, tuning: true, toggles: true, powerPreference: true },
};

/** Commands recorded without a capture are submitted in groups of this size: large enough to hide the cost of a submit, small enough to start early. */
const FLUSH_AT = 128;
/** NaN as bits, with a payload that is easy to recognize in a dump. */
const POISON = 0x7fc0dead;

/** How a function is captured. */
export interface CaptureOptions {
  /** Make one kernel of elementwise ones that follow each other. Default true. */
  fuse?: boolean;
  /**
   * Take the memory that this program frees in its own course: for programs of one step in several sizes, which take no more together than about the largest, each overwriting what the others left.
   * Nothing that one of them makes may be read after another has run. Default: memory of its own.
   */
  shares?: Program;
}

/**
 * A device and its queue: kernels run on it in the order in which they are recorded, and reading waits for what was
 * recorded before.
 * One adapter may be opened more than once. What no kernel is to blame for is thrown by the next call, and by all others: results would not be to be trusted.
 *
 * @example
 * const gpu = await Gpu.open();
 * const y = relu(tensor(gpu, [-1, 2], [2]));
 * console.log(await y.floats()); // Float32Array [0, 2]
 * await gpu.close();
 */
export class Gpu {
  /** The WebGPU device, for what is not here. Work that is submitted to its queue directly is not ordered with kernels that are only recorded yet. */
  readonly device: GPUDevice;
  /** What adapter it is, and whether it is a software adapter. */
  readonly adapter: AdapterSummary;
  /** Which of the optional features kernels may use: f16, subgroups, timestamps, matrix units. */
  readonly capabilities: Capabilities;
  /** Who holds what: `gpu.memory.stats().byLabel`, largest first. */
  readonly memory: Memory;
  /** Which kernel does which job where there are several; measures and remembers. */
  readonly tuner: Tuner;
  /** Of the options. */
  readonly onDrop?: (message: string) => void;
  private readonly poison: boolean;
  private readonly kernels: KernelCache;
  private readonly failures: Failures;
  private readonly queue: Queue;
  private readonly staging: Staging;
  private pending: Dispatch[] = [];
  private recording?: Recording;
  private detail?: string;

  private constructor(
    device: GPUDevice,
    source: GPUAdapter,
    { memoryBudget = Number.POSITIVE_INFINITY, poison = false, onDrop, tuning }: GpuOptions,
  ) {
    this.device = device;
    const adapter = summarize(source);
    this.adapter = adapter;
    this.poison = poison;
    this.onDrop = onDrop;
    this.capabilities = capabilitiesOf(device, source, adapter);
    this.memory = new Memory(device, memoryBudget);
    this.staging = new Staging(device);
    const refusals = new Refusals(device);
    this.failures = new Failures(device, refusals, this.memory);
    this.queue = new Queue(device, refusals, this.failures);
    this.kernels = new KernelCache(device, refusals);
    this.memory.onDestroy = (buffer) => this.kernels.forget(buffer);
    this.tuner = new Tuner(this, tuning);
  }

  /** Opens the best adapter with every feature and limit that astrogpu can use. Throws NoAdapterError, ArgumentError for an option that there is not, ConfigError for a budget that is no number. */
  static async open(options: GpuOptions = {}): Promise<Gpu> {
    needOptions('Gpu.open', options, Object.keys(OPTIONS));
    const { memoryBudget = 0 } = options;
    if (!(typeof memoryBudget === 'number' && memoryBudget >= 0))
      throw new ConfigError(
        'memoryBudget',
        (name) => `${name('memoryBudget')} is ${memoryBudget}, it must be a number of bytes`,
      );
    await Promise.all([loadShaders(), loadTuningTables(), prepareCollection()]);
    const adapter = await requestAdapter(options);
    return new Gpu(await openDevice(adapter), adapter, options);
  }

  /** What suits this adapter: sizes of workgroups, how many fill it, and the like. */
  get machine(): Machine {
    return machineOf(this.adapter);
  }

  /** Memory for `bytes` bytes; with `inPieces` more than a kernel sees at once. Throws OutOfMemoryError. */
  allocate(label: string, bytes: number, inPieces = false): Allocation {
    const allocation = this.memory.allocate(label, bytes, inPieces);
    if (this.poison) {
      this.fill(allocation, POISON);
      this.recording?.lastFills();
    }
    return allocation;
  }

  /** Gives back what allocate() gave. Kernels recorded so far may still use it, later ones may get the same memory. Throws AstroError for what was given back already. */
  release(allocation: Allocation): void {
    this.recording?.freed(allocation.buffer);
    this.memory.release(allocation);
  }

  /**
   * Runs a kernel after everything recorded before it. Inside a capture it becomes part of the program, which runs when the capture ends. Throws KernelError for one
   * that does not compile, or whose bindings do not fit, at once; in a page, where WebGPU says so later, the next `read` or `idle` throws it. Either way the Gpu stays
   * of use.
   */
  run(call: KernelCall): void {
    this.failures.check();
    if (typeof call?.shader !== 'string' || !Array.isArray(call.bindings) || !Array.isArray(call.grid))
      throw new KernelError(
        `a call of a kernel needs a shader (its name), bindings (a list of slices) and a grid (a list of workgroups); ${call?.shader ?? 'this one'} lacks some`,
      );
    if (call.grid.includes(0)) return;
    this.memory.needOwn(call.label ?? call.shader, call.bindings);
    const dispatch = this.resolve(call);
    if (this.recording) {
      this.memory.use(call.bindings);
      this.recording.add(dispatch, call);
      return;
    }
    // A kernel that is refused takes with it what is submitted with it.
    if (dispatch.trial) this.flush();
    this.pending.push(dispatch);
    if (dispatch.trial || this.pending.length >= FLUSH_AT) this.flush();
  }

  /** Runs a kernel that treats every element alike; inside a capture it is made one with its neighbors where that saves reading or writing. */
  pointwise(call: Pointwise): void {
    if (elementsOf(call) === 0) return;
    if (!this.recording) {
      this.run(pointwiseCall(call, this.machine));
      return;
    }
    this.failures.check();
    const slices = [...call.operands, ...call.results].map(({ slice }) => slice);
    this.memory.needOwn(labelOf(call), slices);
    this.memory.use(slices);
    this.recording.addPointwise({ ...call, detail: call.detail ?? this.detail });
  }

  /** Makes a pointwise kernel without running it, so that an expression that is none shows at once also inside a capture. Throws KernelError, in a page the next wait does. */
  prepare(call: Pointwise): void {
    this.resolve(pointwiseCall(call, this.machine));
  }

  private resolve(call: KernelCall): Dispatch {
    const dispatch = this.kernels.resolve(call);
    dispatch.detail ??= this.detail;
    return dispatch;
  }

  /** Kernels made so far: while it grows, time goes into compiling. */
  get kernelsMade(): number {
    return this.kernels.made;
  }

  /** Runs `fn`, whose kernels get this `detail` where they have none of their own. */
  withLabel<T>(detail: string, fn: () => T): T {
    const before = this.detail;
    this.detail = detail;
    try {
      return fn();
    } finally {
      this.detail = before;
    }
  }

  /** Sets every 32-bit word of a slice. */
  fill({ buffer, offset, size }: Slice, bits: number): void {
    const { group, most, least } = this.machine.elementwise.fill;
    const { mostBound } = this.memory;
    for (let at = 0; at < size; at += mostBound) {
      const piece = { buffer, offset: offset + at, size: Math.min(size - at, mostBound) };
      this.run({
        shader: 'gpu/fill',
        bindings: [piece],
        params: new Uint32Array([bits, 0, 0, 0]).buffer,
        constants: { GROUP: group },
        grid: [Math.max(1, Math.min(most, Math.ceil(piece.size / 16 / (group * least))))],
        cost: { flops: 0, bytes: piece.size },
      });
    }
  }

  /** Submits what is recorded. */
  flush(): void {
    this.failures.check();
    if (this.pending.length === 0) return;
    const batch = this.pending;
    this.pending = [];
    this.queue.submit(batch, batch[batch.length - 1].label);
  }

  /** Runs what a program recorded: one submit. Throws CaptureError inside a capture, which would not repeat it. */
  replay(dispatches: readonly Dispatch[], label: string): void {
    if (this.recording)
      throw new CaptureError(
        `a replay of ${label} inside a capture would not be repeated by replays: replay both in turn`,
      );
    this.flush();
    for (const { trial } of dispatches) if (trial?.refused) throw trial.refused;
    this.queue.submit(dispatches, label);
  }

  /** Copies bytes to the GPU, after everything recorded so far. Throws CaptureError inside a capture: a replay could not repeat it. */
  upload(slice: Slice, data: ArrayBufferView): void {
    if (this.recording)
      throw new CaptureError('an upload inside a capture would not be repeated by replays: upload before it');
    this.flush();
    this.device.queue.writeBuffer(slice.buffer, slice.offset, writable(data));
  }

  /** The first `bytes` bytes of a slice, once everything recorded so far has run. Throws DeviceLostError, ValidationError, in a page KernelError. */
  async read(slice: Slice, bytes = slice.size): Promise<ArrayBuffer> {
    if (this.recording)
      throw new CaptureError('a read inside a capture would come before what it waits for: read after it');
    this.flush();
    if (bytes === 0) return new ArrayBuffer(0);
    const size = Math.ceil(bytes / 4) * 4;
    const staging = this.staging.take(size);
    const encoder = this.device.createCommandEncoder({ label: 'read' });
    encoder.copyBufferToBuffer(slice.buffer, slice.offset, staging, 0, size);
    this.device.queue.submit([encoder.finish()]);
    try {
      await this.queue.wait('read', staging.mapAsync(1 /* READ */, 0, size));
    } catch (error) {
      staging.destroy();
      throw error;
    }
    const copy = staging.getMappedRange(0, size).slice(0, bytes);
    staging.unmap();
    this.staging.give(staging);
    return copy;
  }

  /** Resolves when everything recorded so far has run. Throws DeviceLostError, ValidationError, in a page KernelError. */
  async idle(): Promise<void> {
    this.flush();
    await this.queue.wait('settled', this.device.queue.onSubmittedWorkDone());
  }

  /**
   * Records what `fn` does as a program, and runs that once: replays repeat it. Elementwise kernels that follow each other become one. What `fn` allocates belongs to
   * the program, and what its kernels use of others stays as it is until the program is disposed of, also where it is released.
   * `fn` must not upload, replay or await. Throws CaptureError.
   */
  capture(label: string, fn: () => void, { fuse = true, shares }: CaptureOptions = {}): Program {
    if (this.recording) throw new CaptureError(`capture of ${label} inside another capture`);
    this.flush();
    const recording = new Recording(this.kernels);
    this.recording = recording;
    const owner = this.memory.beginCapture(shares?.memory);
    const giveBack = (): void => {
      this.memory.releaseOwner(owner);
      recording.letGo();
    };
    try {
      runPlain(label, fn);
      const buffers = fuse ? this.device.limits.maxStorageBuffersPerShaderStage : 0;
      const dispatches = recording.link(this.machine, buffers);
      this.queue.submit(dispatches, label);
      return new Program(this, label, dispatches, owner, giveBack);
    } catch (error) {
      this.memory.endCapture();
      giveBack();
      throw error;
    } finally {
      this.recording = undefined;
      this.memory.endCapture();
    }
  }

  /** Runs `fn` and times each kernel inside it, and the host. Throws ValidationError where the adapter has no timestamps. */
  async profile(fn: () => void | Promise<void>, options: ProfileOptions = {}): Promise<Profile> {
    if (!this.capabilities.timestamps)
      throw new ValidationError('this adapter has no timestamps (feature timestamp-query), so kernels cannot be timed');
    await this.idle();
    return this.queue.profile(async () => {
      await fn();
      this.flush();
    }, options);
  }

  /** Destroys the pool's free buffers. */
  async trim(): Promise<void> {
    this.flush();
    await this.memory.trim(this.idle());
  }

  /** Waits for the queue and gives the device back. */
  async close(): Promise<void> {
    try {
      if (!this.failures.any) await this.idle();
    } finally {
      this.failures.lost('it was closed');
      this.device.destroy();
    }
  }
}

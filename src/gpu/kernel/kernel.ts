// A kernel call: a WGSL file, constants, bindings, a grid and a cost. Pipelines and bind groups are made once and kept.

import { KernelError } from '../device/errors.ts';
import { collectGarbage } from '../device/force-gc.ts';
import type { Refusals } from '../device/refusals.ts';
import { foldGrid, type Grid, grid1d, gridFits } from './fold-grid.ts';
import type { Slice } from './memory.ts';
import { refusedKernel } from './refused.ts';
import { isOwn, moduleLines, type Prelude, replacements } from './shaders.ts';
import { type Uniform, UniformCache } from './uniforms.ts';

/** What a dispatch does, so that every time can be read against the machine's limit. */
export interface Cost {
  /** Floating-point operations; a multiply-add counts two. */
  flops: number;
  /** Bytes that must cross the memory bus once. */
  bytes: number;
  /** What does the operations, where it is not f32 arithmetic: the ceiling to read them against. */
  unit?: 'f16' | 'matrix';
}

/**
 * A kernel whose first binding is read four values at a time, through one include alone, which declares it and `value(i)`: a captured program may replace the include by
 * what computes the same values from others, and binds these in its place and behind the uniform (pointwise/operand.ts). The uniform's struct ends in
 * `// include gpu/words`.
 */
export interface Operand {
  /** File in shaders/, without ending. */
  include: string;
  stored: 'f32' | 'f16';
  /** How often each value is read. */
  reads: number;
}

/** One launch of a kernel: which shader with which constants and types, on which memory, with how many workgroups. */
export interface KernelCall extends Prelude {
  /** File in shaders/, without ending. */
  shader: string;
  entry?: string;
  /** Slices for @binding(0), @binding(1), ... of @group(0). */
  bindings: Slice[];
  /** 32-bit words of the uniform at the binding after the last slice: shapes and scalars that need not be compiled in. */
  params?: ArrayBuffer;
  /** Slices for the bindings behind the uniform. */
  behind?: Slice[];
  operand?: Operand;
  /** Workgroups along each side; a side of 0 launches nothing. */
  grid: [x: number, y?: number, z?: number];
  /** Without it the profiler shows times alone. */
  cost?: Cost;
  /** Shown by the profiler and by errors; default: the shader's name. */
  label?: string;
  /** What it works for, an op and its shape: the profiler keeps rows apart by it. */
  detail?: string;
}

/** A call with everything looked up: what a program replays. */
export interface Dispatch {
  pipeline: GPUComputePipeline;
  bindGroup: GPUBindGroup;
  uniform?: Uniform;
  x: number;
  y: number;
  z: number;
  label: string;
  detail?: string;
  cost?: Cost;
  /** Of a kernel that WebGPU may still refuse: only in a page, which is told later. */
  trial?: Trial;
}

/** What is known of a kernel, or of its first launch with some bindings. */
export interface Trial {
  settled?: boolean;
  refused?: Error;
}

interface Pipeline {
  pipeline: GPUComputePipeline;
  layout: GPUBindGroupLayout;
  bindings: number;
  trial: Trial;
  /** Was it never launched? */
  fresh: boolean;
}

interface Group {
  bindGroup: GPUBindGroup;
  trial: Trial;
}

/** llvmpipe keeps one memory mapping for each living bind group, and the process dies at 65,530; groups dropped here live on until they are collected. */
const MAX_GROUPS = 8192;

/** Packs uniform words: integers as u32, `f32(x)` values as floats. */
export function params(...words: (number | { f32: number })[]): ArrayBuffer {
  const buffer = new ArrayBuffer(Math.ceil(words.length / 4) * 16);
  const view = new DataView(buffer);
  words.forEach((word, i) => {
    if (typeof word === 'number') view.setInt32(i * 4, word, true);
    else view.setFloat32(i * 4, word.f32, true);
  });
  return buffer;
}

/** Marks a number that params() writes as f32, where plain numbers are written as u32. */
export const f32 = (value: number): { f32: number } => ({ f32: value });

export class KernelCache {
  private readonly device: GPUDevice;
  private readonly refusals: Refusals;
  private readonly layouts = new Map<string, GPUBindGroupLayout>();
  private readonly pipelines = new Map<string, Pipeline>();
  private readonly uniforms: UniformCache;
  private readonly groups = new Map<string, Group>();
  private readonly groupsOf = new Map<GPUBuffer, Set<string>>();
  private readonly ids = new WeakMap<object, number>();
  private nextId = 0;

  constructor(device: GPUDevice, refusals: Refusals) {
    this.device = device;
    this.refusals = refusals;
    this.uniforms = new UniformCache(device);
  }

  /** Kernels that were made so far. */
  get made(): number {
    return this.pipelines.size;
  }

  /**
   * Looks everything up, making what is not there. Throws KernelError for bindings that do not match the source, and for what WebGPU refuses; in a page that comes
   * later, see Refusals.
   */
  resolve(call: KernelCall): Dispatch {
    const label = call.label ?? call.shader;
    const wanted = gridOf(call, label);
    const folds = !gridFits(wanted);
    const pipeline = this.pipeline(call, folds ? wanted : undefined);
    const expected = pipeline.bindings;
    const given = call.bindings.length + (call.params ? 1 : 0) + (call.behind?.length ?? 0);
    if (given !== expected)
      throw new KernelError(`kernel ${label} has ${expected} bindings in its source, the call gives ${given}`);
    const [x, y, z] = folds ? [...grid1d(wanted[0] * wanted[1] * wanted[2]), 1] : wanted;
    const { detail, cost } = call;
    const uniform = call.params && this.uniforms.get(call.params);
    const { bindGroup, trial } = this.group(pipeline, call, uniform, [x, y, z]);
    const dispatch: Dispatch = { pipeline: pipeline.pipeline, bindGroup, uniform, x, y, z, label, detail, cost };
    if (!trial.settled) dispatch.trial = trial;
    return dispatch;
  }

  /** Keeps what dispatches need beside memory, for a program that runs them again; `letGo` when it is disposed of. */
  keep({ uniform }: Dispatch): void {
    if (uniform) this.uniforms.pin(uniform);
  }

  letGo(dispatches: readonly Dispatch[]): void {
    for (const { uniform } of dispatches) if (uniform) this.uniforms.unpin(uniform);
  }

  /** Forgets the bind groups that name a buffer about to be destroyed. */
  forget(buffer: GPUBuffer): void {
    for (const key of this.groupsOf.get(buffer) ?? []) this.groups.delete(key);
    this.groupsOf.delete(buffer);
  }

  /** Of the kernel as it is or, with `folded`, for that grid, which is too long to be dispatched. */
  private pipeline(call: KernelCall, folded?: Grid): Pipeline {
    const key = `${call.shader}/${call.entry ?? ''}${[call.constants, call.types, call.includes, folded, replacements()].map((part) => JSON.stringify(part ?? 0)).join('')}`;
    const known = this.pipelines.get(key);
    if (known?.trial.refused) throw known.trial.refused;
    if (known) return known;
    const entryPoint = call.entry ?? 'main';
    const lines = moduleLines(call.shader, call);
    const plain = lines.map(({ text }) => text).join('\n');
    const label = call.label ?? call.shader;
    const code = folded ? foldGrid(label, plain, entryPoint, folded) : plain;
    const kinds = bindingKinds(label, code);
    const signature = kinds.join();
    let layout = this.layouts.get(signature);
    if (!layout) {
      layout = this.device.createBindGroupLayout({
        entries: kinds.map((type, binding) => ({ binding, visibility: 4 /* COMPUTE */, buffer: { type } })),
      });
      this.layouts.set(signature, layout);
    }
    const trial: Trial = {};
    const pipeline = this.tried(
      trial,
      () =>
        this.device.createComputePipeline({
          label,
          layout: this.device.createPipelineLayout({ bindGroupLayouts: [layout] }),
          compute: { module: this.device.createShaderModule({ label: call.shader, code }), entryPoint },
        }),
      ({ message }) => refusedKernel(label, message, lines),
    );
    const made = { pipeline, layout, bindings: kinds.length, trial, fresh: true };
    this.pipelines.set(key, made);
    return made;
  }

  /** Runs `make`. What WebGPU has against it becomes an error, which is thrown, in a page by the next wait. */
  private tried<T>(trial: Trial, make: () => T, named: (error: GPUError) => Error): T {
    return this.refusals.watch(make, (error) => {
      trial.settled = true;
      if (!error) return;
      trial.refused = named(error);
      throw trial.refused;
    });
  }

  /** With what it binds. The first launch of a kernel, and every new one of somebody else's, is encoded for trial: what does not fit shows before it is submitted. */
  private group(pipeline: Pipeline, call: KernelCall, uniform: Uniform | undefined, grid: Grid): Group {
    const words = uniform && { buffer: uniform.buffer, offset: 0, size: uniform.buffer.size };
    const { bindings, behind = [] } = call;
    const slices = words ? [...bindings, words, ...behind] : bindings;
    let key = `${this.id(pipeline.layout)}`;
    for (const { buffer, offset, size } of slices) key += `,${this.id(buffer)}:${offset}:${size}`;
    const own = isOwn(call.shader);
    if (own) key += `,${this.id(pipeline.pipeline)}`;
    const known = this.groups.get(key);
    if (known && !known.trial.refused && !pipeline.fresh) return known;
    const make = (): GPUBindGroup =>
      this.device.createBindGroup({
        layout: pipeline.layout,
        entries: slices.map(({ buffer, offset, size }, binding) => ({ binding, resource: { buffer, offset, size } })),
      });
    let made: Group;
    if (own || pipeline.fresh) {
      const trial: Trial = {};
      const label = call.label ?? call.shader;
      const bindGroup = this.tried(
        trial,
        () => {
          const group = make();
          rehearse(this.device, pipeline.pipeline, group, grid);
          return group;
        },
        ({ message }) => pipeline.trial.refused ?? refusedKernel(label, message, []),
      );
      pipeline.fresh = false;
      made = { bindGroup, trial };
    } else made = { bindGroup: make(), trial: pipeline.trial };
    this.remember(key, made, [...bindings, ...behind]);
    return made;
  }

  private remember(key: string, group: Group, bindings: readonly Slice[]): void {
    if (this.groups.size >= MAX_GROUPS) {
      this.groups.clear();
      this.groupsOf.clear();
      collectGarbage();
    }
    this.groups.set(key, group);
    for (const { buffer } of bindings) {
      const keys = this.groupsOf.get(buffer);
      if (keys) keys.add(key);
      else this.groupsOf.set(buffer, new Set([key]));
    }
  }

  private id(object: object): number {
    let id = this.ids.get(object);
    if (id === undefined) {
      id = this.nextId++;
      this.ids.set(object, id);
    }
    return id;
  }
}

/** Encodes a launch that nobody submits. */
function rehearse(device: GPUDevice, pipeline: GPUComputePipeline, group: GPUBindGroup, [x, y, z]: Grid): void {
  const encoder = device.createCommandEncoder({ label: 'rehearsal' });
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  pass.dispatchWorkgroups(x, y, z);
  pass.end();
  encoder.finish();
}

function gridOf({ grid: [x, y = 1, z = 1] }: KernelCall, label: string): Grid {
  for (const n of [x, y, z])
    if (!Number.isInteger(n) || n < 1)
      throw new KernelError(`kernel ${label}: a grid of ${x}×${y}×${z} workgroups; its sides are whole numbers`);
  return [x, y, z];
}

/** Reads the binding types from the source, so that a layout never disagrees with its shader. */
function bindingKinds(label: string, code: string): GPUBufferBindingType[] {
  const kinds: GPUBufferBindingType[] = [];
  for (const [, binding, space, access] of code.matchAll(
    /@group\(0\)\s*@binding\((\d+)\)\s*var<\s*(storage|uniform)\s*(?:,\s*(read_write|read))?\s*>/g,
  ))
    kinds[Number(binding)] =
      space === 'uniform' ? 'uniform' : access === 'read_write' ? 'storage' : 'read-only-storage';
  if (kinds.length === 0 || kinds.includes(undefined as never))
    throw new KernelError(`kernel ${label}: its bindings must be @group(0), numbered from 0 without a gap`);
  return kinds;
}

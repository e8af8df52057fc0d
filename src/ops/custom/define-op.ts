// Ops of one's own: kernels in WGSL and what else there is to say of them become a function of tensors like those of the package, on the tape, in profiles, for the tuner.
import { needArguments } from '../../gpu/index.ts';
import {
  count,
  type DType,
  empty,
  needWhole,
  noGrad,
  record,
  recording,
  type Shape,
  type Sink,
  scope,
  shapeText,
  Tensor,
  TensorError,
  view,
} from '../../tensor/index.ts';
import type { Gradients, MultiOpDefinition, OpCall, OpDefinition, ResultShape } from './definition.ts';
import { kernelsOf, launch } from './kernels.ts';

/** Tensors, and behind them an object of options, if it takes any. */
export type OpArguments<Options> = (Tensor | Options)[];

/** Beginnings of parts of a whole lie so far apart, see view(). */
const ALIGNMENT = 64;

/**
 * A function of tensors, and of options behind them, from WGSL. It is recorded on the tape, its kernels appear in profiles under its name, and the tuner chooses among
 * them. It throws TensorError for arguments that are no tensors or of a dtype that the kernel does not read, KernelError that names the line of the source for what does
 * not compile.
 *
 * @example
 * const cube = defineOp({
 *   name: 'mine/cube',
 *   source: `
 *     @group(0) @binding(0) var<storage, read> x: array<f32>;
 *     @group(0) @binding(1) var<storage, read_write> y: array<f32>;
 *     @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
 *       if (id.x < arrayLength(&y)) { y[id.x] = x[id.x] * x[id.x] * x[id.x]; }
 *     }`,
 *   backward: (gradient, { inputs: [x] }) => [mul(gradient, scale(mul(x, x), 3))],
 * });
 * const y = cube(x);
 */
export function defineOp<Options = Record<string, unknown>>(
  definition: MultiOpDefinition<Options>,
): (...args: OpArguments<Options>) => Tensor[];
export function defineOp<Options = Record<string, unknown>>(
  definition: OpDefinition<Options>,
): (...args: OpArguments<Options>) => Tensor;
export function defineOp<Options>(
  definition: OpDefinition<Options> | MultiOpDefinition<Options>,
): (...args: OpArguments<Options>) => Tensor | Tensor[] {
  needArguments('defineOp', 'an object', { definition });
  const run = 'shapes' in definition ? multiOp(definition) : singleOp(definition);
  return (...args) => {
    const { inputs, options } = argumentsOf<Options>(definition.name, args);
    definition.check?.(inputs, options);
    needWhole(definition.name, inputs);
    return run(inputs, options);
  };
}

function singleOp<Options>(op: OpDefinition<Options>): (inputs: Tensor[], options: Options) => Tensor {
  const kernels = kernelsOf(op);
  const { name, backward } = op;
  return (inputs, options) => {
    const { shape, dtype } = resultOf(op.shape?.(inputs, options) ?? inputs[0]);
    const y = empty(inputs[0].gpu, shape, name, dtype);
    const call = { inputs, outputs: [y], options };
    launch(name, kernels, call);
    if (!backward) return noGrad(() => record(name, y, inputs, () => {}));
    return record(name, y, inputs, (gradient, sink) =>
      give(name, sink, call, [gradient], (wants) => backward(gradient, { ...call, wants })),
    );
  };
}

/** Its f32 results are parts of one tensor while somebody wants their gradients, since a step of the tape has one result. */
function multiOp<Options>(op: MultiOpDefinition<Options>): (inputs: Tensor[], options: Options) => Tensor[] {
  const kernels = kernelsOf(op);
  const { name, backward } = op;
  return (inputs, options) => {
    const [{ gpu }] = inputs;
    const results = op.shapes(inputs, options).map(resultOf);
    const isPart = results.map(({ dtype }) => dtype === 'f32' && backward !== undefined && recording(inputs));
    let length = 0;
    const begins = results.map(({ shape }, i) => {
      const begin = length;
      if (isPart[i]) length += Math.ceil(count(shape) / ALIGNMENT) * ALIGNMENT;
      return begin;
    });
    const whole = length > 0 ? empty(gpu, [length], name) : undefined;
    const outputs = results.map(({ shape, dtype }, i) =>
      isPart[i] ? whole!.alias(shape, 4 * begins[i], name) : empty(gpu, shape, name, dtype),
    );
    launch(name, kernels, { inputs, outputs, options });
    if (!whole || !backward) {
      for (const y of outputs) noGrad(() => record(name, y, inputs, () => {}));
      return outputs;
    }
    const call = { inputs, outputs: outputs.map((y) => y.alias()), options };
    const pull = (gradient: Tensor, sink: Sink): void => {
      const parts = results.map(({ shape }, i) => (isPart[i] ? gradient.alias(shape, 4 * begins[i]) : undefined));
      give(name, sink, call, parts, (wants) => backward(parts, { ...call, wants }));
      for (const part of parts) part?.release();
    };
    record(name, whole, inputs, pull, call.outputs);
    return outputs.map((y, i) => {
      if (!isPart[i]) return y;
      y.release();
      return view(whole, results[i].shape, begins[i], name);
    });
  };
}

/** Hands over what a backward function makes. Throws TensorError for a gradient that does not fit, or that is wanted and missing. */
function give<Options>(
  op: string,
  sink: Sink,
  { inputs, outputs }: OpCall<Options>,
  given: readonly (Tensor | undefined)[],
  backward: (wants: (i: number) => boolean) => Gradients,
): void {
  const gradients = scope(() => backward((i) => sink.wants(i)));
  if (!Array.isArray(gradients))
    throw new TensorError(`${op}: its backward returns no list of gradients, one an input`);
  for (const [i, input] of inputs.entries()) {
    if (!sink.wants(i)) continue;
    const gradient: unknown = gradients[i];
    const about = `${op}: its backward gives input ${i}, ${input.label} ${shapeText(input.shape)} ${input.dtype},`;
    if (!(gradient instanceof Tensor)) throw new TensorError(`${about} no gradient, and it needs one`);
    if (shapeText(gradient.shape) !== shapeText(input.shape) || gradient.dtype !== input.dtype)
      throw new TensorError(
        `${about} a gradient ${shapeText(gradient.shape)} ${gradient.dtype}; it must be as the input`,
      );
    sink.forward(i, gradient);
  }
  const others = new Set<unknown>([...inputs, ...outputs, ...given]);
  for (const gradient of gradients) if (!others.has(gradient)) gradient?.release();
}

function resultOf(given: ResultShape): { shape: Shape; dtype: DType } {
  return 'shape' in given ? { shape: given.shape, dtype: given.dtype ?? 'f32' } : { shape: given, dtype: 'f32' };
}

function argumentsOf<Options>(op: string, args: OpArguments<Options>): { inputs: Tensor[]; options: Options } {
  const last = args[args.length - 1];
  const hasOptions = args.length > 1 && !(last instanceof Tensor);
  const tensors: unknown[] = hasOptions ? args.slice(0, -1) : args;
  for (const [i, input] of tensors.entries())
    if (!(input instanceof Tensor))
      throw new TensorError(
        `${op}: argument ${i + 1} is ${kindOf(input)}; it takes tensors, and behind them an object of options`,
      );
  if (tensors.length === 0) throw new TensorError(`${op}: it was given no tensor`);
  if (hasOptions && (typeof last !== 'object' || last === null))
    throw new TensorError(`${op}: its options are ${kindOf(last)}; they must be an object`);
  return { inputs: tensors as Tensor[], options: (hasOptions ? last : {}) as Options };
}

const kindOf = (value: unknown): string =>
  value === null || value === undefined ? String(value) : Array.isArray(value) ? 'an array' : `a ${typeof value}`;

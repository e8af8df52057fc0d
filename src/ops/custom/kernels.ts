// The kernels of an op of one's own: registered when it is defined, and launched by the tuner's choice among those that can do a call.
import { addShader, type Candidate, KernelError, params, type Slice } from '../../gpu/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import { type Declared, declaredBy, needDeclared, workgroupOf } from './declared.ts';
import type { OpBase, OpCall, OpKernel } from './definition.ts';

/** A kernel with all that is said of it. */
export interface Kernel<Options> extends OpKernel<Options> {
  name: string;
  shader: string;
  label: string;
  declared: readonly Declared[];
  when?(call: OpCall<Options>): boolean;
}

/** Ops of one name are of different sources. */
let defined = 0;

/** Registers the kernels of an op. Throws KernelError for one without a source. */
export function kernelsOf<Options>(op: OpBase<Options>): Kernel<Options>[] {
  if (typeof op?.name !== 'string') throw new KernelError('defineOp: a definition with a name is wanted');
  const { name: opName, kernels = [{ name: 'plain' }], ...shared } = op;
  return kernels.map((kernel) => {
    const { name } = kernel;
    const { source, ...rest } = { ...shared, ...kernel };
    if (typeof source !== 'string' || !source.includes('@compute'))
      throw new KernelError(`op ${opName}: its kernel ${name} has no source, WGSL with a @compute entry`);
    const shader = `custom/${opName}/${name}/${defined++}`;
    addShader(shader, source);
    const label = kernels.length > 1 ? `${opName}/${name}` : opName;
    return { ...rest, name, source, shader, label, declared: declaredBy(source) };
  });
}

/** Records a call. Throws TensorError for a tensor that the kernel would misread. */
export function launch<Options>(op: string, kernels: readonly Kernel<Options>[], call: OpCall<Options>): void {
  const tensors = [...call.inputs, ...call.outputs];
  const candidates: Candidate[] = kernels
    .filter((kernel) => kernel.when?.(call) ?? true)
    .map((kernel) => ({ name: kernel.name, run: (slices) => run(op, kernel, call, tensors, slices) }));
  if (candidates.length === 0)
    throw new KernelError(`op ${op}: none of its kernels can do ${keyOf(call)}; let the last one do all`);
  tensors[0].gpu.tuner
    .select({
      key: `${op} ${keyOf(call)}`,
      sizes: tensors.map(({ bytes }) => bytes),
      types: tensors.map(({ dtype }) => dtype),
      candidates,
    })
    .run(tensors.map(({ slice }) => slice));
}

function run<Options>(
  op: string,
  kernel: Kernel<Options>,
  call: OpCall<Options>,
  tensors: readonly Tensor[],
  bindings: Slice[],
): void {
  const { shader, label, source, declared, entry = 'main', perThread = 1 } = kernel;
  const types = made(kernel.types, call) ?? {};
  const constants = made(kernel.constants, call) ?? {};
  const words = made(kernel.params, call);
  needDeclared(op, declared, types, tensors);
  const [{ gpu }] = tensors;
  const groups = (): number => Math.ceil(call.outputs[0].size / perThread / workgroupOf(op, source, entry, constants));
  gpu.run({
    ...{ shader, entry, label, bindings, types, constants },
    params: words && params(...words),
    grid: made(kernel.grid, call) ?? [groups()],
    cost: made(kernel.cost, call),
  });
}

const made = <Options, T>(given: T | ((call: OpCall<Options>) => T), call: OpCall<Options>): T =>
  typeof given === 'function' ? (given as (call: OpCall<Options>) => T)(call) : given;

/** The inputs' shapes, with dtypes that are not f32, and the options. */
function keyOf<Options>({ inputs, options }: OpCall<Options>): string {
  const shapes = inputs.map(({ shape, dtype }) => `${shape.join('x')}${dtype === 'f32' ? '' : ` ${dtype}`}`);
  const said = JSON.stringify(options);
  return `${shapes.join(', ')}${said === '{}' ? '' : ` ${said}`}`;
}

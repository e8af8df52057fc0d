// What a kernel's source says of itself: what its bindings hold, and how large its workgroups are.
import { KernelError } from '../../gpu/index.ts';
import { shapeText, type Tensor, TensorError } from '../../tensor/index.ts';

/** A binding of a source: its place, its name, and the type of its elements, which may be an alias. */
export interface Declared {
  binding: number;
  name: string;
  element: string;
}

/** The bindings of a source that are arrays of something plain. */
export const declaredBy = (source: string): Declared[] =>
  [...source.matchAll(/@binding\((\d+)\)\s*var<[^>]*>\s*(\w+)\s*:\s*array<\s*(\w+(?:<\w+>)?)/g)].map(
    ([, binding, name, element]) => ({ binding: Number(binding), name, element }),
  );

/** Floats that elements are made of; undefined for integers, which may stand for any words, and for what is not plain. */
function floatsOf(type: string): 'f32' | 'f16' | undefined {
  if (/^(f32|vec[234](f|<f32>))$/.test(type)) return 'f32';
  return /^(f16|vec[234](h|<f16>))$/.test(type) ? 'f16' : undefined;
}

/** Throws TensorError for a tensor that its kernel would misread, because its floats are of another size or none. */
export function needDeclared(
  op: string,
  declared: readonly Declared[],
  types: Record<string, string>,
  tensors: readonly Tensor[],
): void {
  for (const { binding, name, element } of declared) {
    const floats = floatsOf(types[element] ?? element);
    const { [binding]: tensor } = tensors;
    if (floats && tensor && tensor.dtype !== floats)
      throw new TensorError(
        `${op}: ${tensor.label} ${shapeText(tensor.shape)} is ${tensor.dtype}, the kernel's ${name} is ${floats}`,
      );
  }
}

/** Threads of a workgroup of an entry. Throws KernelError where the source does not say it plainly. */
export function workgroupOf(
  op: string,
  source: string,
  entry: string,
  constants: Record<string, number | boolean>,
): number {
  const [, size] = new RegExp(`@workgroup_size\\(([^)]*)\\)[^{};]*?\\bfn ${entry}\\b`).exec(source) ?? [];
  if (size === undefined) throw new KernelError(`op ${op}: its source has no @compute @workgroup_size(…) fn ${entry}`);
  const sides = size.split(',').map((side) => side.trim().replace(/^(\d+)[ui]$/, '$1'));
  const threads = sides.filter(Boolean).reduce((product, side) => product * Number(constants[side] ?? side), 1);
  if (!(threads >= 1))
    throw new KernelError(`op ${op}: @workgroup_size(${size}) is not known from its constants, so give its grid`);
  return threads;
}

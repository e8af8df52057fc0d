// Values on the CPU as people have them: nested lists, typed arrays, numbers. What shape and dtype they are of, and one flat list of them.
import { type DType, type Shape, TensorError } from './shape.ts';

/** A number, a typed array, or lists of such, nested to any depth and alike. */
export type Values = number | bigint | boolean | ArrayLike<number> | ArrayLike<bigint> | readonly Values[];
type List = ArrayLike<Values>;

export interface FlatValues {
  flat: ArrayLike<number>;
  shape: Shape;
  /** u8 of Uint8Array, u32 of other arrays of integers, f32 of all else. */
  dtype: DType;
}

const isList = (values: unknown): values is List =>
  typeof values === 'object' && values !== null && typeof (values as List).length === 'number';

const isBig = (values: unknown): values is BigInt64Array | BigUint64Array =>
  values instanceof BigInt64Array || values instanceof BigUint64Array;

function dtypeOf(values: unknown): DType {
  if (values instanceof Uint8Array || values instanceof Uint8ClampedArray) return 'u8';
  return ArrayBuffer.isView(values) && /^(Big)?(Ui|I)nt/.test(values.constructor.name) ? 'u32' : 'f32';
}

/** Shape, dtype and flat list of `values`, which messages call `label`. Throws TensorError that names the place where lists differ, or what is no number. */
export function flatten(label: string, values: Values): FlatValues {
  if (ArrayBuffer.isView(values) && isList(values) && !isBig(values))
    return { flat: values as ArrayLike<number>, shape: [values.length], dtype: dtypeOf(values) };
  const shape: number[] = [];
  let first: unknown = values;
  while (isList(first)) {
    shape.push(first.length);
    if (ArrayBuffer.isView(first)) break;
    first = first[0];
  }
  if (shape.length === 0) return { flat: [numberOf(label, values, [])], shape: [1], dtype: 'f32' };
  const flat: number[] = [];
  const walk = (part: unknown, path: readonly number[]): void => {
    const depth = path.length;
    if (depth === shape.length) {
      flat.push(numberOf(label, part, path));
      return;
    }
    if (!isList(part))
      throw new TensorError(`${label}: ${placeText(path)} is ${kindOf(part)}, ${placeText(first0(path))} is a list`);
    if (part.length !== shape[depth])
      throw new TensorError(
        `${label}: ${placeText(path)} has ${part.length} elements, ${placeText(first0(path))} has ${shape[depth]}; lists at one depth must be of one length`,
      );
    for (let i = 0; i < part.length; i++) walk(part[i], [...path, i]);
  };
  walk(values, []);
  return { flat, shape, dtype: dtypeOf(first) };
}

/** The values of a dtype of integers, checked. Throws TensorError that names the first that it does not hold. */
export function integersOf(label: string, values: ArrayLike<number>, dtype: 'u32' | 'u8'): Uint32Array | Uint8Array {
  const most = dtype === 'u8' ? 255 : 0xffffffff;
  const integers = dtype === 'u8' ? Uint8Array.from(values) : Uint32Array.from(values);
  for (let i = 0; i < integers.length; i++)
    if (integers[i] !== values[i])
      throw new TensorError(`${label}: value ${i} is ${values[i]}; ${dtype} holds whole numbers from 0 to ${most}`);
  return integers;
}

const placeText = (path: readonly number[]): string => `values${path.map((i) => `[${i}]`).join('')}`;
const first0 = (path: readonly number[]): number[] => path.map(() => 0);

function numberOf(label: string, value: unknown, path: readonly number[]): number {
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return Number(value);
  throw new TensorError(`${label}: ${placeText(path)} is ${kindOf(value)}, a number is wanted`);
}

function kindOf(value: unknown): string {
  if (isList(value)) return `a list of ${value.length}`;
  return value === null || typeof value === 'number' || value === undefined ? String(value) : `a ${typeof value}`;
}

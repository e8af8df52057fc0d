// Comparisons and logic, with NumPy's broadcasting: 1 where it is so, else 0, a constant. There is no dtype of truth values; whatever is not 0 is true, NaN too.
import type { Tensor } from '../../tensor/index.ts';
import { applyBroadcasting } from './broadcasting.ts';

/** `value` of floats, `whole` of labels and whole numbers, whose bits are B(a) and B(b). */
const comparison =
  (name: string, value: string, whole: string) =>
  (a: Tensor | number, b: Tensor | number): Tensor =>
    applyBroadcasting(name, { value: `one_where(${value})`, words: `one_where(${whole})`, any: [0, 1] }, [a, b]);

const [A, B] = ['bitcast<B>(a)', 'bitcast<B>(b)'];

/** 1 where a = b, else 0; NaN equals nothing, 0 equals −0. Each f32, f16, u32, u8 or a number; f16 if either is, else f32. Labels (u32) are compared exactly. Throws TensorError. */
export const equal = comparison('equal', 'is_equal(a, b)', `${A} == ${B}`);

/** 1 where a ≠ b, else 0; NaN is unlike everything. As equal. */
export const notEqual = comparison('notEqual', '!is_equal(a, b)', `${A} != ${B}`);

/** 1 where a < b, else 0, as equal. */
export const less = comparison('less', 'is_less(a, b)', `${A} < ${B}`);

/** 1 where a ≤ b, else 0, as equal. */
export const lessEqual = comparison('lessEqual', 'is_less(a, b) | is_equal(a, b)', `${A} <= ${B}`);

/** 1 where a > b, else 0, as equal. */
export const greater = comparison('greater', 'is_less(b, a)', `${A} > ${B}`);

/** 1 where a ≥ b, else 0, as equal. */
export const greaterEqual = comparison('greaterEqual', 'is_less(b, a) | is_equal(a, b)', `${A} >= ${B}`);

const logic =
  (name: string, value: string) =>
  (a: Tensor | number, b: Tensor | number): Tensor =>
    applyBroadcasting(name, { value: `one_where(${value})`, any: [0, 1] }, [a, b]);

/** 1 where neither is 0, else 0, as equal. */
export const logicalAnd = logic('logicalAnd', '!(is_zero(a) | is_zero(b))');

/** 1 where a or b is not 0, else 0, as equal. */
export const logicalOr = logic('logicalOr', '!(is_zero(a) & is_zero(b))');

/** 1 where a is 0, else 0, as equal. */
export const logicalNot = (a: Tensor): Tensor =>
  applyBroadcasting('logicalNot', { value: 'one_where(is_zero(a))', any: [0] }, [a]);

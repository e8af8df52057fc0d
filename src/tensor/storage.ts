// How the elements of tensors are stored. Kernels compute and sum in f32 whatever it is.
/** Floating-point types that tensors are stored in. */
export type Storage = 'f32' | 'f16';

/** Bytes of an element. */
export const bytesOf = (stored: Storage): number => (stored === 'f16' ? 2 : 4);

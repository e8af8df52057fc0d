// Deterministic tensors from a name, bit for bit the same as formula.py, so that reference inputs and weights need no storing.

/** FNV-1a, 32 bits, of an ASCII name. */
export function fnv1a(name: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

/** A 32-bit integer hash of (seed, index). */
export function hash32(seed: number, index: number): number {
  let h = seed ^ Math.imul(index, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return (h ^ (h >>> 16)) >>> 0;
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** offset + scale·u in float32, u uniform in [-1, 1) on a 24-bit grid; the index runs over the flattened shape (torch's order: NCHW, OIHW). */
export function formulaUniform(name: string, shape: readonly number[], scale = 1, offset = 0): Float32Array {
  const seed = fnv1a(name);
  const values = new Float32Array(sizeOf(shape));
  for (let i = 0; i < values.length; i++) values[i] = offset + scale * ((hash32(seed, i) >>> 8) / 2 ** 23 - 1);
  return values;
}

/** The value of a network's parameter. Vectors: `*.weight` (a normalization's) 1 + 0.1u, others 0.1u. Matrices and kernels (in torch's layout): 0.8·√(6 / Π shape[1:])·u. */
export function formulaParameter(name: string, shape: readonly number[]): Float32Array {
  if (shape.length === 1) return formulaUniform(name, shape, 0.1, name.endsWith('.weight') ? 1 : 0);
  return formulaUniform(name, shape, 0.8 * Math.sqrt(6 / sizeOf(shape.slice(1))));
}

/** The 16 places of a tensor (all of them if it has no more than 16) that its summary quotes. */
export function sampleIndices(name: string, size: number): number[] {
  if (size <= 16) return Array.from({ length: size }, (_, i) => i);
  const seed = fnv1a(`${name}#samples`);
  return Array.from({ length: 16 }, (_, i) => hash32(seed, i) % size);
}

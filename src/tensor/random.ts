// Counter-based random numbers on the CPU, bit for bit those of shaders/tensor/random.wgsl: Philox4x32-10 (Salmon et al., "Parallel random
// numbers: as easy as 1, 2, 3", SC 2011). Any number can be had without those before it, so that a resumed run draws as if it had never stopped.

/** High word of a·b. */
function high(a: number, b: number): number {
  const [a0, a1, b0, b1] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
  const p01 = a0 * b1;
  const p10 = a1 * b0;
  const carry = Math.floor((a0 * b0) / 0x10000) + (p01 & 0xffff) + (p10 & 0xffff);
  return a1 * b1 + Math.floor(p01 / 0x10000) + Math.floor(p10 / 0x10000) + Math.floor(carry / 0x10000);
}

/** The bare generator: four words from a counter of four words and a key of two. */
export function philox(counter: readonly number[], key: readonly number[]): [number, number, number, number] {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const high0 = high(0xd2511f53, c0);
    const high1 = high(0xcd9e8d57, c2);
    [c0, c1, c2, c3] = [
      (high1 ^ c1 ^ k0) >>> 0,
      Math.imul(0xcd9e8d57, c2) >>> 0,
      (high0 ^ c3 ^ k1) >>> 0,
      Math.imul(0xd2511f53, c0) >>> 0,
    ];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** Four words of block `block`: WGSL's random_u32. All arguments are u32. */
export function randomWords(
  seed: number,
  stream: number,
  counter: number,
  block: number,
): [number, number, number, number] {
  return philox([block >>> 0, counter >>> 0, 0, 0], [seed >>> 0, stream >>> 0]);
}

/** Number `index` of a stream, in [0, 1), exact in f32. */
export function uniform(seed: number, stream: number, index: number, counter = 0): number {
  return (randomWords(seed, stream, counter, index >>> 2)[index & 3] >>> 8) / 2 ** 24;
}

/** The first `length` numbers of a stream: what randomUniform() makes on the GPU. */
export function uniformArray(length: number, seed: number, stream: number, counter = 0): Float32Array {
  const values = new Float32Array(length);
  for (let i = 0; i < length; i += 4) {
    const words = randomWords(seed, stream, counter, i >>> 2);
    for (let k = 0; k < 4 && i + k < length; k++) values[i + k] = (words[k] >>> 8) / 2 ** 24;
  }
  return values;
}

/** Normal numbers with mean 0 and deviation 1, by Box and Muller's method, two from each pair of the stream's numbers. */
export function normalArray(length: number, seed: number, stream: number, counter = 0): Float32Array {
  const uniforms = uniformArray(length + (length & 1), seed, stream, counter);
  const values = new Float32Array(length);
  for (let i = 0; i < length; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - uniforms[i]));
    const angle = 2 * Math.PI * uniforms[i + 1];
    values[i] = radius * Math.cos(angle);
    if (i + 1 < length) values[i + 1] = radius * Math.sin(angle);
  }
  return values;
}

/** 0 … n − 1 in random order (Fisher and Yates). The bias of a bounded draw is below n / 2³². */
export function permutation(n: number, seed: number, stream: number, counter = 0): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  let words = [0, 0, 0, 0];
  for (let i = n - 1, drawn = 0; i > 0; i--, drawn++) {
    if ((drawn & 3) === 0) words = randomWords(seed, stream, counter, drawn >>> 2);
    const j = Math.floor((words[drawn & 3] * (i + 1)) / 2 ** 32);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

// f16 bits on the CPU: Node 20 has no Float16Array. Rounds to nearest, ties to even, as shaders do.

const word = new Float32Array(1);
const bitsOf = new Uint32Array(word.buffer);

/** Values as f16 bits; beyond 65504 they become infinite. */
export function toHalf(values: ArrayLike<number>): Uint16Array {
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    word[0] = values[i];
    const bits = bitsOf[0];
    const sign = (bits >>> 16) & 0x8000;
    const magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) halves[i] = sign | 0x7e00;
    else if (magnitude >= 0x477ff000) halves[i] = sign | 0x7c00;
    else if (magnitude >= 0x38800000) halves[i] = sign | rounded(magnitude - 0x38000000, 13);
    else if (magnitude >= 0x33000000)
      halves[i] = sign | rounded((magnitude & 0x7fffff) | 0x800000, 126 - (magnitude >>> 23));
    else halves[i] = sign;
  }
  return halves;
}

function rounded(bits: number, dropped: number): number {
  const kept = bits >>> dropped;
  const rest = bits & (2 ** dropped - 1);
  const half = 2 ** (dropped - 1);
  return kept + (rest > half || (rest === half && kept % 2 === 1) ? 1 : 0);
}

/** The values of f16 bits. */
export function fromHalf(halves: Uint16Array): Float32Array {
  return Float32Array.from(halves, (bits) => {
    const exponent = (bits >>> 10) & 31;
    const fraction = bits & 1023;
    const magnitude =
      exponent === 31
        ? fraction > 0
          ? Number.NaN
          : Number.POSITIVE_INFINITY
        : exponent === 0
          ? fraction * 2 ** -24
          : (1024 + fraction) * 2 ** (exponent - 25);
    return bits & 0x8000 ? -magnitude : magnitude;
  });
}

// Bits of masks, as pasteMasks() gives them, as run lengths: 32 pixels at a time where nothing changes.

/** Run lengths of a mask, background first, column by column. `bits` are width × ⌈height / 32⌉ words, a row a bit, the first in bit 0. */
export function runsOfBits(bits: Uint32Array, height: number, width: number): number[] {
  const words = Math.ceil(height / 32);
  const counts: number[] = [];
  let inside = false;
  let run = 0;
  for (let column = 0; column < width; column++)
    for (let w = 0; w < words; w++) {
      const word = bits[column * words + w];
      let left = Math.min(32, height - w * 32);
      // Bits that differ from the run that goes on.
      let changes = inside ? ~word : word;
      while (left > 0) {
        const same = Math.min(left, changes === 0 ? 32 : 31 - Math.clz32(changes & -changes));
        run += same;
        left -= same;
        if (left === 0) break;
        counts.push(run);
        run = 0;
        inside = !inside;
        changes = ~(changes >>> same);
      }
    }
  counts.push(run);
  return counts;
}

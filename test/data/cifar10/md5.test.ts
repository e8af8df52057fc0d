// MD5 by hand against Node's, around the ends of blocks.
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { md5Of } from '../../../src/data/cifar10/md5.ts';

it('is that of Node for every number of bytes up to two blocks, and for many', () => {
  for (const length of [...Array(130).keys(), 3073, 100_000]) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 37 + (i >> 8)) & 255);
    expect(md5Of(bytes), `${length} bytes`).toBe(createHash('md5').update(bytes).digest('hex'));
  }
  // Of a part of other memory.
  const bytes = new Uint8Array(200).fill(7).subarray(3, 103);
  expect(md5Of(bytes)).toBe(createHash('md5').update(bytes).digest('hex'));
});

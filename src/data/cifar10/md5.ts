// MD5 (RFC 1321), by which CIFAR-10's files are known: by hand, since pages have no other.

/** Left rotations of each round's four operations. */
const TURNS = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
];
/** What the 64 operations add: 2³² · |sin|, of whole radians. */
const ADDED = Int32Array.from({ length: 64 }, (_, i) => Math.floor(2 ** 32 * Math.abs(Math.sin(i + 1))) | 0);
/** The word of the block that each takes. */
const WORD = Uint8Array.from({ length: 64 }, (_, i) => [i, 5 * i + 1, 3 * i + 5, 7 * i][i >> 4] % 16);
const TURN = Uint8Array.from({ length: 64 }, (_, i) => TURNS[i >> 4][i % 4]);

/** Of some bytes, as 32 hexadecimal digits. */
export function md5Of(bytes: Uint8Array): string {
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  const whole = bytes.length & ~63;
  addBlocks(state, new DataView(bytes.buffer, bytes.byteOffset, whole));
  // A one behind the last byte, then zeros, then the length in bits.
  const rest = bytes.length - whole;
  const end = new Uint8Array(rest < 56 ? 64 : 128);
  end.set(bytes.subarray(whole));
  end[rest] = 0x80;
  const view = new DataView(end.buffer);
  view.setBigUint64(end.length - 8, BigInt(bytes.length) * 8n, true);
  addBlocks(state, view);
  const digest = new DataView(new ArrayBuffer(16));
  for (const [i, word] of state.entries()) digest.setInt32(4 * i, word, true);
  return Array.from(new Uint8Array(digest.buffer), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function addBlocks(state: Int32Array, blocks: DataView): void {
  const words = new Int32Array(16);
  let [a0, b0, c0, d0] = state;
  for (let at = 0; at < blocks.byteLength; at += 64) {
    for (let i = 0; i < 16; i++) words[i] = blocks.getInt32(at + 4 * i, true);
    let [a, b, c, d] = [a0, b0, c0, d0];
    for (let i = 0; i < 64; i++) {
      const mixed = i < 16 ? d ^ (b & (c ^ d)) : i < 32 ? c ^ (d & (b ^ c)) : i < 48 ? b ^ c ^ d : c ^ (b | ~d);
      const sum = (a + mixed + ADDED[i] + words[WORD[i]]) | 0;
      const turned = (sum << TURN[i]) | (sum >>> (32 - TURN[i]));
      a = d;
      d = c;
      c = b;
      b = (b + turned) | 0;
    }
    a0 = (a0 + a) | 0;
    b0 = (b0 + b) | 0;
    c0 = (c0 + c) | 0;
    d0 = (d0 + d) | 0;
  }
  state.set([a0, b0, c0, d0]);
}

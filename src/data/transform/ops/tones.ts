// What changes each channel's bytes by a table of 256, as Pillow's ImageOps, to the bit.
import type { RgbImage } from '../rgb-image.ts';

/** What becomes of a byte. */
type Tone = (byte: number) => number;

const same: Tone = (byte) => byte;

function throughTables({ data, width, height }: RgbImage, tones: readonly Tone[]): RgbImage {
  const [red, green, blue] = tones.map((tone) => Uint8ClampedArray.from({ length: 256 }, (_, byte) => tone(byte)));
  const out = new Uint8Array(data.length);
  for (let i = 0; i < out.length; i += 3) {
    out[i] = red[data[i]];
    out[i + 1] = green[data[i + 1]];
    out[i + 2] = blue[data[i + 2]];
  }
  return { data: out, width, height };
}

const alike = (image: RgbImage, tone: Tone): RgbImage => throughTables(image, [tone, tone, tone]);

/** How often each byte occurs in a channel. */
function histogram({ data }: RgbImage, channel: number): Uint32Array {
  const counts = new Uint32Array(256);
  for (let i = channel; i < data.length; i += 3) counts[data[i]]++;
  return counts;
}

const byChannel = (image: RgbImage, toneOf: (counts: Uint32Array) => Tone): RgbImage =>
  throughTables(
    image,
    [0, 1, 2].map((channel) => toneOf(histogram(image, channel))),
  );

/** Negative. */
export const invert = (image: RgbImage): RgbImage => alike(image, (byte) => 255 - byte);

/** Negative from `threshold` on. */
export const solarize = (image: RgbImage, threshold: number): RgbImage =>
  alike(image, (byte) => (byte < threshold ? byte : 255 - byte));

/** Dark bytes, below 128, become lighter by `amount`. */
export const solarizeAdd = (image: RgbImage, amount: number): RgbImage =>
  alike(image, (byte) => (byte < 128 ? byte + amount : byte));

/** The high `bits` of each byte. */
export const posterize = (image: RgbImage, bits: number): RgbImage => alike(image, (byte) => byte & (0xff00 >> bits));

/** Each channel stretched to 0 … 255. */
export const autoContrast = (image: RgbImage): RgbImage =>
  byChannel(image, (counts) => {
    const low = counts.findIndex((n) => n > 0);
    const high = counts.findLastIndex((n) => n > 0);
    const scale = 255 / (high - low);
    return high > low ? (byte) => Math.trunc(byte * scale - low * scale) : same;
  });

/** Each channel so that all its values are about as frequent. */
export const equalize = (image: RgbImage): RgbImage =>
  byChannel(image, (counts) => {
    const last = counts.findLast((n) => n > 0) ?? 0;
    const step = Math.floor((image.width * image.height - last) / 255);
    if (step === 0) return same;
    const table: number[] = [];
    let seen = step >> 1;
    for (const n of counts) {
      table.push(Math.floor(seen / step));
      seen += n;
    }
    return (byte) => table[byte];
  });

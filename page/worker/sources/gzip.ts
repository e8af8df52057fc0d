// A file that may be compressed, unpacked in memory by the browser.
import { ArchiveError } from 'astrogpu/data';
import { bytesOf } from './bytes.ts';

/** Bytes that it may have, unpacked: six times CIFAR-10. */
const MOST = 2 ** 30;

/** The bytes of a file, unpacked where gzip has packed them. Throws ArchiveError for one that is damaged, cut short or too large, AstroError for one that cannot be read. */
export async function unzipped(file: File): Promise<Uint8Array> {
  const [first, second] = await bytesOf(file, file.name, 2);
  const packed = first === 0x1f && second === 0x8b;
  if (!packed && file.size > MOST) throw tooLarge(file);
  if (!packed) return bytesOf(file);
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = file.stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((error: Error) => {
      throw new ArchiveError(file.name, `it is damaged or cut short (${error.message}); fetch it again`);
    });
    if (done) break;
    size += value.length;
    if (size > MOST) {
      await reader.cancel();
      throw tooLarge(file);
    }
    parts.push(value);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts.splice(0)) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const tooLarge = ({ name }: File): ArchiveError => new ArchiveError(name, `it holds more than ${MOST} bytes`);

// A reader for plain tar streams, file by file. The one archive read here has a published checksum, so ustar headers are all it needs.

const block = 512;

/** A regular file of an archive. */
export interface TarFile {
  path: string;
  bytes: Uint8Array;
}

/** The regular files of a tar stream, in order; each is held in memory whole. Throws a plain Error if the stream ends inside a file. */
export async function* untar(stream: AsyncIterable<Uint8Array>): AsyncGenerator<TarFile> {
  const take = reader(stream);
  for (;;) {
    const header = await take(block);
    const path = field(header, 0, 100);
    if (path === '') return;
    const size = Number.parseInt(field(header, 124, 12), 8);
    if (!Number.isInteger(size)) throw new Error(`the archive is damaged: ${path} has no size`);
    const bytes = await take(size);
    await take((block - (size % block)) % block);
    const type = String.fromCharCode(header[156]!);
    if (type === '0' || type === '\0') yield { path, bytes };
  }
}

function field(header: Uint8Array, at: number, length: number): string {
  const bytes = header.subarray(at, at + length);
  const end = bytes.indexOf(0);
  return new TextDecoder('latin1').decode(end < 0 ? bytes : bytes.subarray(0, end)).trim();
}

/** A function that gives the next n bytes of a stream, however it is cut into pieces. */
function reader(stream: AsyncIterable<Uint8Array>): (n: number) => Promise<Uint8Array> {
  const pieces = stream[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array(0);
  return async (n) => {
    const out = new Uint8Array(n);
    let filled = 0;
    while (filled < n) {
      if (rest.length === 0) {
        const next = await pieces.next();
        if (next.done) throw new Error('the archive ends too early');
        rest = next.value;
      }
      const part = rest.subarray(0, n - filled);
      out.set(part, filled);
      filled += part.length;
      rest = rest.subarray(part.length);
    }
    return out;
  };
}

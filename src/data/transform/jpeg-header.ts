// What a JPEG file says of its picture before it is decoded: read by hand, since asking the decoder costs a good part of decoding a small picture.

/** Sides as they are stored, before the EXIF rotation, and how many colors. */
export interface JpegHeader {
  width: number;
  height: number;
  components: number;
  /** Whether something says how the picture was taken: it may have to be turned. */
  exif: boolean;
}

/** The first frame's header, read up to the first scan, since EXIF may stand behind the frame; undefined for what is no JPEG, or is damaged before the scan. */
export function readJpegHeader(bytes: Uint8Array): JpegHeader | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined;
  const word = (at: number): number => bytes[at] * 256 + bytes[at + 1];
  let frame: Omit<JpegHeader, 'exif'> | undefined;
  let exif = false;
  for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1];
    // Start-of-frame markers, but for those between them that begin tables (C4, C8, CC).
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc)
      frame ??= { height: word(at + 5), width: word(at + 7), components: bytes[at + 9] };
    if (marker === 0xda || marker === 0xd9) return frame && { ...frame, exif };
    // APP1 has EXIF, or other things.
    if (marker === 0xe1) exif = true;
    // Fill bytes may stand before a marker.
    at += marker === 0xff ? 1 : 2 + word(at + 2);
  }
  return undefined;
}

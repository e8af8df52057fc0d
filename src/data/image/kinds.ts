// Which files are pictures by their names, and what a file is that the decoder does not take: a format that it does not know is said by name, with the way out.
import { foreignKind } from '../../io/index.ts';

const PICTURE = /\.(jpe?g|jpe|jfif|png|webp|gif|tiff?|avif|svg|bmp|dib|hei[cf]|p[bgnp]m|jp2|jxl|ico|psd)$/i;

/** Is a file a picture by its name? Formats that are not decoded here are among them: left out in silence, they would be missed later. */
export const isPictureName = (name: string): boolean => PICTURE.test(name);

const NOT_DECODED = 'which is not decoded here; convert it to PNG or JPEG';

/** How pictures begin that the decoder does not take, at a place. */
const BEGINNINGS: readonly [beginning: RegExp, format: string][] = [
  [/^.{4}ftyp(?:he[iv][cmsx]|mif1|msf1)/s, 'HEIC'],
  [/^BM/, 'BMP'],
  [/^P[1-7]\s/, 'PPM, PGM or PBM'],
  [/^.{4}JXL |^\xff\n/s, 'JPEG XL'],
  [/^.{4}jP {2}|^\xffO\xffQ/s, 'JPEG 2000'],
  [/^8BPS/, "Photoshop's PSD"],
  [/^v\/1/, 'OpenEXR'],
  [/^#\?R/, 'Radiance HDR'],
  [/^DDS /, 'DDS'],
  [/^qoif/, 'QOI'],
  [/^SIMPLE {2}=/, 'FITS'],
  [/^.{128}DICM/s, 'DICOM'],
  [/^(?:II\*|MM.\*)/s, 'TIFF of a kind'],
];
const ICON = '\0\0\x01\0';

/** What a file is that could not be decoded, as a phrase; undefined where that is not known, or where it is of a format that is decoded and must be damaged. */
function undecodable(bytes: Uint8Array): string | undefined {
  const text = String.fromCharCode(...bytes.subarray(0, 256));
  const found = BEGINNINGS.find(([beginning]) => beginning.test(text))?.[1];
  if (found) return `${found}, ${NOT_DECODED}`;
  if (text.startsWith(ICON)) return `an icon (ICO), ${NOT_DECODED}`;
  const foreign = foreignKind(bytes);
  return foreign && /picture$/.test(foreign) ? undefined : foreign;
}

const REASONS: readonly [RegExp, string][] = [
  [/is empty/, 'the file is empty'],
  [/unsupported image format/, 'not an image of a format that is known here'],
  [/premature end|read error|truncated|end of (file|stream)|corrupt header/i, 'the image is cut short or damaged'],
];

/** Of a message of several lines the first. */
export const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0];

/** Why a file's bytes could not be decoded, from the decoder's error, as one line. */
export function whyUndecodable(bytes: Uint8Array, error: unknown): string {
  const kind = undecodable(bytes);
  if (kind) return `this is ${kind}`;
  const line = firstLine(error);
  const known = REASONS.find(([pattern]) => pattern.test(line));
  return known ? known[1] : `cannot be decoded (${line})`;
}

// The one typeface of pictures: DejaVu Sans, which comes with the package, so that text can be read, and is as wide, on machines without any font. Letters that
// it lacks come from the system's fonts; where those lack them too, each is drawn as a box with its code, so that two names are never one picture.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** As SVG names it, with a face of nearly the same widths for systems that take their own fonts alone. */
export const FONT_FAMILY = 'DejaVu Sans, Verdana, sans-serif';

const file = (name: string): string => fileURLToPath(new URL(`../../../fonts/${name}`, import.meta.url));

/** Has the rasterizer find the typeface: before the first text is drawn. Who configures fonts for this process keeps that. */
export function findTypeface(): void {
  if (process.platform === 'linux') process.env.FONTCONFIG_FILE ??= file('fonts.conf');
}

/** Widths in parts of the size. */
interface Face {
  /** Of a letter that the face lacks, about as wide as an ideograph. */
  missing: number;
  widthOf(code: number): number | undefined;
}

const faces = new Map<boolean, Face>();

/** The width in pixels of a line of text at a font size. */
export function textWidth(text: string, size: number, bold = false): number {
  const face = faces.get(bold) ?? readFace(file(bold ? 'DejaVuSans-Bold.ttf' : 'DejaVuSans.ttf'));
  faces.set(bold, face);
  let width = 0;
  for (const letter of text.normalize('NFC')) width += face.widthOf(letter.codePointAt(0)!) ?? face.missing;
  return width * size;
}

/** The widths of a TrueType font: `cmap` says which glyph a character has, `hmtx` how far each goes (OpenType 1.9, chapter 5). */
function readFace(path: string): Face {
  const bytes = readFileSync(path);
  const table = (tag: string): number => {
    for (let at = 12; at < 12 + 16 * bytes.readUInt16BE(4); at += 16)
      if (bytes.toString('latin1', at, at + 4) === tag) return bytes.readUInt32BE(at + 8);
    throw new Error(`${path}: no table ${tag}`);
  };
  const perEm = bytes.readUInt16BE(table('head') + 18);
  const metrics = bytes.readUInt16BE(table('hhea') + 34);
  const [cmap, hmtx] = [table('cmap'), table('hmtx')];
  // Format 12 has all characters in groups of consecutive ones.
  const groups: { first: number; last: number; glyph: number }[] = [];
  for (let i = 0; i < bytes.readUInt16BE(cmap + 2); i++) {
    const sub = cmap + bytes.readUInt32BE(cmap + 4 + 8 * i + 4);
    if (bytes.readUInt16BE(sub) !== 12 || groups.length > 0) continue;
    for (let g = 0, at = sub + 16; g < bytes.readUInt32BE(sub + 12); g++, at += 12)
      groups.push({
        first: bytes.readUInt32BE(at),
        last: bytes.readUInt32BE(at + 4),
        glyph: bytes.readUInt32BE(at + 8),
      });
  }
  return {
    missing: 1.1,
    widthOf: (code) => {
      const group = groups.find(({ first, last }) => code >= first && code <= last);
      if (!group) return undefined;
      const glyph = Math.min(group.glyph + code - group.first, metrics - 1);
      return bytes.readUInt16BE(hmtx + 4 * glyph) / perEm;
    },
  };
}

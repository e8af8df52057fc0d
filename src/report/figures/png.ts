// SVG to PNG, in the one typeface of pictures.
import sharp from 'sharp';
import { FONT_FAMILY, findTypeface } from './typeface.ts';

const INK = '#1f2328';
/** Control characters, which a name may have and XML may not. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const NOT_XML = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;
const PAPER = '#ffffff';
/** What its pictures say that they were made by. */
const SOFTWARE = 'astrogpu';

/** Draws an SVG document on white, dark ink for `currentColor`, at twice its size. */
export async function svgToPng(svg: string): Promise<Uint8Array> {
  findTypeface();
  return sharp(Buffer.from(inTypeface(svg).replaceAll('currentColor', INK)), { density: 144 })
    .flatten({ background: PAPER })
    .withExif({ IFD0: { Software: SOFTWARE } })
    .png({ compressionLevel: 9 })
    .toBuffer();
}

/** With its fonts, which a page takes from the reader's system, named anew. */
function inTypeface(svg: string): string {
  const named = svg.replace(NOT_XML, '\ufffd').replace(/ font-family="[^"]*"/g, '');
  return named.replace('<svg ', `<svg font-family="${FONT_FAMILY}" `);
}

/** A PNG as the address of an image in a page. */
export const pngUrl = (png: Uint8Array): string => `data:image/png;base64,${Buffer.from(png).toString('base64')}`;

/** Whether a file is a picture that svgToPng made: one that may be made anew. */
export const isOwnPicture = (file: string): Promise<boolean> =>
  sharp(file)
    .metadata()
    .then(({ exif }) => exif?.includes(SOFTWARE) ?? false)
    .catch(() => false);

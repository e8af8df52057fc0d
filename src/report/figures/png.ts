// SVG to PNG. Text becomes strokes first, so the picture is the same on every machine, with or without fonts.
import { DOMParser } from 'linkedom';
import sharp from 'sharp';
import { strokeText } from './stroke-font.ts';

const INK = '#1f2328';
const PAPER = '#ffffff';
/** What its pictures say that they were made by. */
const SOFTWARE = 'astrogpu';

/** Draws an SVG document on white, dark ink for `currentColor`, at twice its size. Text must be plain `text` elements without spans. */
export async function svgToPng(svg: string): Promise<Buffer> {
  return sharp(Buffer.from(drawText(svg)), { density: 144 })
    .flatten({ background: PAPER })
    .withExif({ IFD0: { Software: SOFTWARE } })
    .png({ compressionLevel: 9 })
    .toBuffer();
}

/** Whether a file is a picture that svgToPng made: one that may be made anew. */
export const isOwnPicture = (file: string): Promise<boolean> =>
  sharp(file)
    .metadata()
    .then(({ exif }) => exif?.includes(SOFTWARE) ?? false)
    .catch(() => false);

function drawText(svg: string): string {
  const document = new DOMParser().parseFromString(svg, 'image/svg+xml') as unknown as XMLDocument;
  for (const text of document.querySelectorAll('text')) {
    const inherited = (name: string) => text.closest(`[${name}]`)?.getAttribute(name);
    const size = Number.parseFloat(inherited('font-size') ?? '14');
    const fill = inherited('fill') ?? INK;
    const group = document.createElementNS('http://www.w3.org/2000/svg', 'g');
    const transform = text.getAttribute('transform');
    if (transform) group.setAttribute('transform', transform);
    group.innerHTML = strokeText(text.textContent ?? '', {
      x: length(text.getAttribute('x'), size) + length(text.getAttribute('dx'), size),
      y: length(text.getAttribute('y'), size) + length(text.getAttribute('dy'), size),
      size,
      anchor: inherited('text-anchor') ?? 'start',
      color: fill,
      bold: Number(inherited('font-weight') ?? 400) >= 600,
    });
    text.replaceWith(group);
  }
  return document.toString().replaceAll('currentColor', INK);
}

function length(value: string | null, fontSize: number): number {
  if (!value) return 0;
  return Number.parseFloat(value) * (value.endsWith('em') ? fontSize : 1);
}

// What pictures of explanations are laid out from: images and lines of text as parts of an SVG, which svgToPng draws in the same typeface everywhere.
import sharp from 'sharp';
import { escapeHtml, pngUrl, svgToPng, textWidth } from '../../report/index.ts';
import type { RgbImage } from './overlay.ts';

/** Pixels of the finished picture for each unit of the layout: svgToPng draws at twice the size. */
export const PIXELS = 2;

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** An image that fills a box, moved to whole pixels. Enlarged, its pixels stay squares: what a network saw is shown, not what it might have seen. */
export async function placeImage({ data, width, height }: RgbImage, box: Box): Promise<string> {
  const [left, top, wide, high] = [box.x, box.y, box.width, box.height].map((side) => Math.round(side * PIXELS));
  const kernel = wide < width || high < height ? 'lanczos3' : 'nearest';
  const png = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(wide, high, { kernel, fit: 'fill' })
    .png()
    .toBuffer();
  const href = pngUrl(png);
  const place = `x="${left / PIXELS}" y="${top / PIXELS}" width="${wide / PIXELS}" height="${high / PIXELS}"`;
  return `<image ${place} href="${href}" style="image-rendering:pixelated"/>`;
}

export interface TextOptions {
  size?: number;
  bold?: boolean;
  anchor?: 'start' | 'middle' | 'end';
}

/** A line of text, `y` its baseline. */
export function placeText(
  text: string,
  x: number,
  y: number,
  { size = 14, bold, anchor = 'start' }: TextOptions = {},
): string {
  const weight = bold ? ' font-weight="600"' : '';
  return `<text x="${x}" y="${y}" font-size="${size}" text-anchor="${anchor}"${weight}>${escapeHtml(text)}</text>`;
}

/** A text in lines of at most `width`; a word that is longer has a line of its own. */
export function wrap(text: string, width: number, size = 14, bold = false): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word;
    if (lines.length > 0 && textWidth(longer, size, bold) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** The picture as a PNG on white, 2 pixels a unit. */
export function drawPicture(width: number, height: number, parts: readonly string[]): Promise<Uint8Array> {
  const [w, h] = [Math.ceil(width), Math.ceil(height)];
  return svgToPng(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${w} ${h}" width="${w}" height="${h}" fill="currentColor">${parts.join('\n')}</svg>`,
  );
}

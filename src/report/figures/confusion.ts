// A confusion matrix as a picture: a row for each class, colored by the part of its images that went to each column, with the numbers where they can be read.
import sharp from 'sharp';
import { AstroError } from '../../gpu/index.ts';
import { escapeHtml } from '../html.ts';
import { formatCount, formatPercent } from '../tables/format.ts';
import { colorAt } from './colormap.ts';
import { colorBar } from './gate-map.ts';
import { pngUrl, svgToPng } from './png.ts';
import { textWidth } from './typeface.ts';

/** Counts that do not match the classes. */
export class ConfusionError extends AstroError {}

/** Images by their class (row) and by what they were taken for (column). */
export interface Confusion {
  classes: readonly string[];
  counts: readonly ArrayLike<number>[];
}

/** Sides of a cell, in pixels, from few classes to many. */
const LARGEST_CELL = 44;
const SIDE = 900;
/** Cells from this side on hold their number, and names stand beside those from that side on. */
const NUMBERED = 30;
const NAMED = 13;
const LONGEST_NAME = 18;
const MARGIN = 20;
const FONT_SIZE = 14;
const TITLE_SIZE = 16;
const TITLE = 64;
/** Rows of classes without images. */
const NO_IMAGES = [225, 228, 232];

/** The matrix with names, numbers and a color bar, as a PNG. Throws ConfusionError where there are not classes × classes counts. */
export async function confusionFigure({ classes, counts }: Confusion): Promise<Uint8Array> {
  const n = classes.length;
  if (n === 0 || counts.length !== n || counts.some((row) => row.length !== n))
    throw new ConfusionError(`a confusion matrix of ${n} classes takes ${n} × ${n} counts`);
  const cell = Math.max(1, Math.min(LARGEST_CELL, Math.floor(SIDE / n)));
  const names = cell >= NAMED ? classes.map(short) : undefined;
  const room = 16 + Math.ceil(Math.max(0, ...(names ?? []).map((name) => textWidth(name, FONT_SIZE))));
  const [left, top] = [MARGIN + room + 18, TITLE + room];
  const side = n * cell;
  const heading = title(counts);
  const key = `rows: the class of the images; columns: what they were taken for; color: part of the row${counts.some(isEmpty) ? '; gray: no images' : ''}`;
  const lines = Math.ceil(Math.max(textWidth(heading, TITLE_SIZE, true), textWidth(key, FONT_SIZE)));
  const [width, height] = [Math.max(left + side + 90, lines + 2 * MARGIN), top + Math.max(side, 120) + MARGIN];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" fill="currentColor" font-size="${FONT_SIZE}">
<text x="${MARGIN}" y="28" font-size="${TITLE_SIZE}" font-weight="600">${heading}</text>
<text x="${MARGIN}" y="50">${key}</text>
${(names ?? []).map((name, i) => axisNames(escapeHtml(name), i, { left, top, cell })).join('\n')}
<g transform="translate(${left},${top})"><image href="${await colors(counts, cell)}" width="${side}" height="${side}"/>
${cell < NUMBERED ? '' : counts.map((row, i) => numbers(row, i, cell)).join('\n')}</g>
<g transform="translate(${left + side + 24},${top})">${colorBar(18, Math.max(side, 120))}</g>
</svg>`;
  return svgToPng(svg);
}

function title(counts: Confusion['counts']): string {
  let [all, right] = [0, 0];
  for (const [i, row] of counts.entries()) {
    right += row[i];
    for (let j = 0; j < row.length; j++) all += row[j];
  }
  return `${formatCount(right)} of ${formatCount(all)} images right, ${formatPercent(all > 0 ? right / all : 0)}`;
}

const short = (name: string): string =>
  name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 3).trimEnd()}...` : name;

function axisNames(name: string, i: number, { left, top, cell }: { left: number; top: number; cell: number }): string {
  const middle = (i + 0.5) * cell + 5;
  return `<text x="${left - 8}" y="${top + middle}" text-anchor="end">${name}</text>
<text transform="translate(${left + middle},${top - 8}) rotate(-90)">${name}</text>`;
}

const isEmpty = (row: ArrayLike<number>): boolean => Array.from(row).every((count) => count === 0);

const partOf = (row: ArrayLike<number>): ((count: number) => number) => {
  const all = Array.from(row).reduce((a, b) => a + b, 0);
  return (count) => count / all;
};

/** The cells as a picture, since a thousand classes have a million of them. */
async function colors(counts: Confusion['counts'], cell: number): Promise<string> {
  const n = counts.length;
  const pixels = Buffer.alloc(n * n * 3);
  for (const [i, row] of counts.entries()) {
    const part = partOf(row);
    for (let j = 0; j < n; j++) {
      const share = part(row[j]);
      pixels.set(Number.isNaN(share) ? NO_IMAGES : colorAt(share), (i * n + j) * 3);
    }
  }
  const png = await sharp(pixels, { raw: { width: n, height: n, channels: 3 } })
    .resize(n * cell * 2, n * cell * 2, { kernel: 'nearest' })
    .png()
    .toBuffer();
  return pngUrl(png);
}

function numbers(row: ArrayLike<number>, i: number, cell: number): string {
  const part = partOf(row);
  return Array.from(row, (count, j) => {
    if (count === 0) return '';
    const ink = part(count) > 0.6 ? '#1f2328' : '#ffffff';
    const size = count > 9999 ? 9 : count > 999 ? 11 : 13;
    return `<text x="${(j + 0.5) * cell}" y="${(i + 0.5) * cell + size * 0.36}" font-size="${size}" text-anchor="middle" fill="${ink}">${count}</text>`;
  }).join('');
}

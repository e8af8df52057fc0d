// Rows of pictures with a number under each, as the figures of a paper have them.
import { textWidth } from '../../report/index.ts';
import { ExplainError } from '../maps/layers.ts';
import { drawPicture, placeImage, placeText, wrap } from './layout.ts';
import { checkImage, type RgbImage } from './overlay.ts';

/** A table of pictures with captions. */
export interface PictureGrid {
  title: string;
  /** A label above each column. */
  columns: readonly string[];
  /** A picture for each column, with a short text, such as a number, under it. */
  rows: readonly { label: string; cells: readonly { image: RgbImage; caption: string }[] }[];
  /** What the numbers mean, and from which runs the pictures are. Long lines are broken. */
  footer: readonly string[];
}

const MARGIN = 16;
const CELL = 112;
const GAP = 10;
const LINE = 17;
const SMALL = 13;
const TITLE = 17;
const LABELS_AT_MOST = 130;

/**
 * The grid as a PNG. Every picture is fitted into 224×224 pixels in its own proportions. Throws ExplainError for a row that has not as many pictures as there
 * are columns, and for images with missing bytes.
 */
export async function pictureGrid({ title, columns, rows, footer }: PictureGrid): Promise<Uint8Array> {
  for (const { label, cells } of rows) {
    if (cells.length !== columns.length)
      throw new ExplainError(`row "${label}" has ${cells.length} pictures for ${columns.length} columns`);
    for (const { image } of cells) checkImage(`row "${label}"`, image);
  }
  const labels = rows.map(({ label }) => wrap(label, LABELS_AT_MOST, SMALL));
  const left = MARGIN + Math.ceil(Math.max(0, ...labels.flat().map((line) => textWidth(line, SMALL)))) + GAP;
  const heads = columns.map((column) => wrap(column, CELL, SMALL));
  const width = left + columns.length * (CELL + GAP) - GAP + MARGIN;
  const titles = wrap(title, width - 2 * MARGIN, TITLE, true);
  const feet = footer.flatMap((line) => wrap(line, width - 2 * MARGIN, SMALL));

  const parts = titles.map((line, i) => placeText(line, MARGIN, MARGIN + 16 + i * 24, { size: TITLE, bold: true }));
  const headsAt = MARGIN + titles.length * 24 + 12;
  const headLines = Math.max(0, ...heads.map(({ length }) => length));
  const middle = (column: number): number => left + column * (CELL + GAP) + CELL / 2;
  const text = { size: SMALL, anchor: 'middle' } as const;
  for (const [c, lines] of heads.entries())
    for (const [i, line] of lines.entries())
      parts.push(placeText(line, middle(c), headsAt + (headLines - lines.length + i + 1) * LINE - 5, text));

  let y = headsAt + headLines * LINE + 2;
  for (const [r, { cells }] of rows.entries()) {
    const sizes = cells.map(({ image }) => fitted(image));
    const high = Math.max(0, ...sizes.map(({ height }) => height));
    const labelAt = y + high / 2 - (labels[r].length * LINE) / 2 + 13;
    for (const [i, line] of labels[r].entries())
      parts.push(placeText(line, MARGIN, labelAt + i * LINE, { size: SMALL }));
    for (const [c, { image, caption }] of cells.entries()) {
      const size = sizes[c];
      parts.push(await placeImage(image, { x: middle(c) - size.width / 2, y: y + high - size.height, ...size }));
      parts.push(placeText(caption, middle(c), y + high + LINE, text));
    }
    y += high + LINE + 14;
  }
  for (const [i, line] of feet.entries()) parts.push(placeText(line, MARGIN, y + 10 + i * LINE, { size: SMALL }));
  return drawPicture(width, y + feet.length * LINE + MARGIN, parts);
}

/** The size of an image in a cell. */
function fitted({ width, height }: RgbImage): { width: number; height: number } {
  const factor = CELL / Math.max(width, height);
  return { width: Math.max(1, width * factor), height: Math.max(1, height * factor) };
}

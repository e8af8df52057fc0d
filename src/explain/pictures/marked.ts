// Objects drawn on their picture: masks as a tint with an edge, boxes, and labels that no other label covers. Large pictures are shrunk and small ones enlarged, so that the labels
// of all can be read.
import sharp from 'sharp';
import { type CocoMask, rasterizeMask, stretch } from '../../data/index.ts';
import { PALETTE, textWidth } from '../../report/index.ts';
import { type Box, drawPicture, PIXELS, placeImage, placeText } from './layout.ts';
import { checkImage, type RgbImage } from './overlay.ts';

/** An object on a picture. */
export interface Mark {
  /** Default: none is drawn. */
  label?: string;
  /** x0 y0 x1 y1 in pixels of the picture. */
  box?: readonly [number, number, number, number];
  mask?: CocoMask;
}

/** How objects are drawn. */
export interface MarkedOptions {
  /** Pixels of the drawn picture's long side. Default: twice the picture's own, from 1024 to 2048. */
  side?: number;
}

/** Sides that are drawn where nothing was said. */
const [LEAST, MOST] = [1024, 2048];
/** How much of a pixel inside a mask is the mask's color. */
const TINT = 0.42;
/** Pixels that the edge of a mask is thick. */
const EDGE = 2;
const TEXT = 11;
const LABEL = TEXT + 5;
const PAD = 4;

/**
 * The picture with its objects on it, as a PNG. Of objects that cover each other the first lies on top, and colors go by their order. Throws ExplainError for a picture with
 * missing bytes.
 */
export async function markedPicture(
  image: RgbImage,
  marks: readonly Mark[],
  options: MarkedOptions = {},
): Promise<Uint8Array> {
  const { width, height } = checkImage('markedPicture', image);
  const long = Math.max(width, height);
  const { side = Math.min(MOST, Math.max(LEAST, 2 * long)) } = options;
  const [wide, high] = [width, height].map((own) => Math.max(1, Math.round((own * side) / long)));
  const tinted = await sharp(image.data, { raw: { width, height, channels: 3 } })
    .resize(wide, high, { fit: 'fill' })
    .raw()
    .toBuffer();
  const shown: RgbImage = { data: tinted, width: wide, height: high };
  const frame = stretch(width, height, wide, high);
  for (const [i, { mask }] of [...marks.entries()].reverse()) if (mask) tint(shown, rasterizeMask(mask, frame), i);

  const [w, h] = [wide / PIXELS, high / PIXELS];
  const parts = [await placeImage(shown, { x: 0, y: 0, width: w, height: h })];
  const boxes = marks.map(({ box }): Box | undefined => {
    if (!box) return undefined;
    const [x0, y0, x1, y1] = box.map((place, i) => (i % 2 === 0 ? (place * w) / width : (place * h) / height));
    return { x: x0, y: y0, width: x1 - x0, height: y1 - y0 };
  });
  for (const [i, box] of [...boxes.entries()].reverse()) if (box) parts.push(outline(box, colorOf(i)));
  const placed: Box[] = [];
  for (const [i, { label }] of marks.entries())
    if (label !== undefined) {
      const at = placeLabel(label, boxes[i] ?? { x: 0, y: 0, width: 0, height: 0 }, placed, { width: w, height: h });
      placed.push(at);
      parts.push(drawnLabel(label, at, colorOf(i)));
    }
  return drawPicture(w, h, parts);
}

const colorOf = (i: number): string => PALETTE[i % PALETTE.length];

/** Colors the pixels of a mask, those at its edge through and through. */
function tint({ data, width, height }: RgbImage, mask: Uint8Array, i: number): void {
  const color = [1, 3, 5].map((at) => Number.parseInt(colorOf(i).slice(at, at + 2), 16));
  for (let y = 0, p = 0; y < height; y++)
    for (let x = 0; x < width; x++, p++) {
      if (!mask[p]) continue;
      const inner =
        (x < EDGE || mask[p - EDGE]) &&
        (x >= width - EDGE || mask[p + EDGE]) &&
        (y < EDGE || mask[p - EDGE * width]) &&
        (y >= height - EDGE || mask[p + EDGE * width]);
      const part = inner ? TINT : 1;
      for (let c = 0; c < 3; c++) data[p * 3 + c] = Math.round((1 - part) * data[p * 3 + c] + part * color[c]);
    }
}
/** A frame in the color, with a light one inside and out that keeps it apart from a background of that color. */
function outline({ x, y, width, height }: Box, color: string): string {
  const frame = (stroke: string, thick: number, alpha: number): string =>
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="none" stroke="${stroke}" stroke-width="${thick}" stroke-opacity="${alpha}"/>`;
  return `${frame('#ffffff', 2.5, 0.55)}${frame(color, 1.5, 1)}`;
}

/** A place for a label at its box: above it, else inside, else further down, where no label lies yet. */
function placeLabel(label: string, box: Box, placed: readonly Box[], page: { width: number; height: number }): Box {
  const width = Math.min(page.width, textWidth(label, TEXT, true) + 2 * PAD);
  const within = (place: number, most: number): number => Math.max(0, Math.min(place, most));
  const at = (x: number, y: number): Box => ({
    x: within(x, page.width - width),
    y: within(y, page.height - LABEL),
    width,
    height: LABEL,
  });
  const right = box.x + box.width - width;
  const places = [at(box.x, box.y - LABEL), at(box.x, box.y), at(right, box.y), at(box.x, box.y + box.height)];
  for (let y = box.y + LABEL; y <= page.height - LABEL; y += LABEL) places.push(at(box.x, y));
  for (let y = box.y - 2 * LABEL; y >= 0; y -= LABEL) places.push(at(box.x, y));
  const free = ({ x, y }: Box): boolean =>
    placed.every((other) => x >= other.x + other.width || x + width <= other.x || Math.abs(y - other.y) >= LABEL);
  return places.find(free) ?? places[0];
}

function drawnLabel(label: string, { x, y, width, height }: Box, color: string): string {
  const plate = `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="2" fill="${color}"/>`;
  return `${plate}<g fill="#ffffff">${placeText(label, x + PAD, y + TEXT + 1, { size: TEXT, bold: true })}</g>`;
}

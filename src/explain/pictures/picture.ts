// One explanation as a picture that stands alone: the image, the map over it, and what its colors mean.
import { formatNumber } from '../../report/index.ts';
import { drawPicture, placeImage, placeText, wrap } from './layout.ts';
import { checkImage, colorColumn, type RgbImage } from './overlay.ts';

/** What explanationPicture draws: the image, its map, and what they are. */
export interface Explanation {
  input: RgbImage;
  /** See heatOverlay. */
  overlay: RgbImage;
  /** The value of the color bar's last color; its first is 0. */
  maximum: number;
  /** Lines above the pictures, the first in bold. */
  title: readonly string[];
}

const MARGIN = 16;
const GAP = 16;
const LINE = 22;
const BAR = 18;
/** Room for the numbers beside the color bar. */
const NUMBERS = 76;

/** Input, overlay and color bar side by side, as a PNG. Each image's long side comes to 512 … 1024 pixels. Throws ExplainError for images with missing bytes. */
export async function explanationPicture({ input, overlay, maximum, title }: Explanation): Promise<Uint8Array> {
  for (const image of [input, overlay]) checkImage('explanationPicture', image);
  const shown = [input, overlay].map(displaySize);
  const inner = shown[0].width + GAP + shown[1].width + GAP + BAR + NUMBERS;
  const lines = title.flatMap((line, i) => wrap(line, inner, 14, i === 0).map((text) => ({ text, bold: i === 0 })));
  const top = MARGIN + lines.length * LINE + (lines.length > 0 ? 8 : 0);
  const high = Math.max(shown[0].height, shown[1].height);
  const second = MARGIN + shown[0].width + GAP;
  const bar = { x: second + shown[1].width + GAP, y: top, width: BAR, height: high };
  const parts = [
    ...lines.map(({ text, bold }, i) => placeText(text, MARGIN, MARGIN + 14 + i * LINE, { bold })),
    await placeImage(input, { x: MARGIN, y: top, ...shown[0] }),
    await placeImage(overlay, { x: second, y: top, ...shown[1] }),
    await placeImage(colorColumn(256), bar),
    placeText(formatNumber(maximum), bar.x + BAR + 8, top + 11),
    placeText('0', bar.x + BAR + 8, top + high),
  ];
  return drawPicture(inner + 2 * MARGIN, top + high + MARGIN, parts);
}

/** Small images are enlarged by a whole number, so that their pixels come out alike; large ones are shrunk to 512. */
function displaySize({ width, height }: RgbImage): { width: number; height: number } {
  const long = Math.max(width, height);
  const factor = long > 512 ? 512 / long : Math.ceil(256 / long);
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) };
}

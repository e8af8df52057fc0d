// Some test images as they are, with what each arm takes them for: a look at what lies behind an accuracy.
import sharp from 'sharp';
import { pngUrl } from '../figures/png.ts';
import { escapeHtml } from '../html.ts';
import { formatPercent } from '../tables/format.ts';
import type { Example } from '../types.ts';

/** Pixels of the page for an image's side, at least. */
const SIDE = 96;

/** Cards of images: the class, and the prediction of each arm, marked where it is right. */
export async function exampleCards(examples: readonly Example[]): Promise<string> {
  const cards = await Promise.all(
    examples.map(async ({ pixels, height, width, label, predictions }) => {
      const png = await sharp(pixels, { raw: { width, height, channels: 3 } })
        .png()
        .toBuffer();
      const rows = predictions.map((prediction) => {
        const right = prediction.label === label;
        const mark = right ? '<span class="right">✓</span>' : '<span class="wrong">✗</span>';
        return `<tr><td>${mark} ${escapeHtml(prediction.arm)}</td><td>${escapeHtml(prediction.label)}</td><td class="number">${formatPercent(prediction.probability, 0)}</td></tr>`;
      });
      const source = pngUrl(png);
      return `<figure><img src="${source}" width="${SIDE}" height="${Math.round((SIDE * height) / width)}" alt="a test image: ${escapeHtml(label)}"${width < SIDE ? ' class="pixels"' : ''}><figcaption><strong>${escapeHtml(label)}</strong><table>${rows.join('')}</table></figcaption></figure>`;
    }),
  );
  return cards.length > 0 ? `<div class="examples">${cards.join('\n')}</div>` : '';
}

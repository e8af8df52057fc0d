// P of a layer as a picture: one cell per gate in viridis, with a color bar when it stands alone.
import sharp from 'sharp';
import { AstroError } from '../../gpu/index.ts';
import { escapeHtml } from '../html.ts';
import { formatCount, formatNumber, formatPercent } from '../tables/format.ts';
import type { GateMap } from '../types.ts';
import { colorAt, hexColor } from './colormap.ts';
import { pngUrl, svgToPng } from './png.ts';

/** Gate maps whose values do not match their size. */
export class GateMapError extends AstroError {}

const LONG_SIDE = 512;
const SHORT_SIDE = 96;

/** The size in pixels of one cell: the long side comes to about 512, and no side is thinner than 96, so narrow maps have oblong cells. */
export function cellSize({ height, width }: Pick<GateMap, 'height' | 'width'>): { x: number; y: number } {
  const even = Math.max(1, Math.floor(LONG_SIDE / Math.max(height, width)));
  return { x: Math.max(even, Math.ceil(SHORT_SIDE / width)), y: Math.max(even, Math.ceil(SHORT_SIDE / height)) };
}

/**
 * The bare map as a PNG, each value one cell of a flat color.
 * @throws GateMapError when there are not height × width values.
 */
export async function gateMapPng(map: GateMap): Promise<Uint8Array> {
  const { layer, height, width, values } = map;
  if (values.length !== height * width || values.length === 0) {
    throw new GateMapError(`The gate map of ${layer} is ${height}×${width} but has ${values.length} values.`);
  }
  const cell = cellSize(map);
  const pixels = Buffer.alloc(height * cell.y * width * cell.x * 3);
  const rowBytes = width * cell.x * 3;
  for (let row = 0; row < height; row++) {
    const start = row * cell.y * rowBytes;
    for (let column = 0; column < width; column++) {
      const color = colorAt(values[row * width + column]!);
      for (let x = 0; x < cell.x; x++) pixels.set(color, start + (column * cell.x + x) * 3);
    }
    for (let y = 1; y < cell.y; y++) pixels.copyWithin(start + y * rowBytes, start, start + rowBytes);
  }
  return sharp(pixels, { raw: { width: width * cell.x, height: height * cell.y, channels: 3 } })
    .png({ compressionLevel: 9 })
    .toBuffer();
}

/** The map with its title, axes and color bar, as a PNG that can stand alone. */
export async function gateMapFigure(map: GateMap, png: Uint8Array): Promise<Uint8Array> {
  const cell = cellSize(map);
  const [mapWidth, mapHeight] = [map.width * cell.x, map.height * cell.y];
  const left = 46;
  const barHeight = Math.max(mapHeight, 120);
  const barX = left + Math.max(mapWidth, 300) + 24;
  const [width, height] = [barX + 70, 64 + barHeight + 40];
  const image = pngUrl(png);
  const axisLabels = map.axes
    ? `<text x="${left}" y="${64 + mapHeight + 24}">${escapeHtml(map.axes.columns)} →</text>
<text transform="translate(26,64) rotate(90)">${escapeHtml(map.axes.rows)} →</text>`
    : '';
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" fill="currentColor" font-size="14">
<text x="${left}" y="24" font-size="16" font-weight="600">${escapeHtml(map.layer)}</text>
<text x="${left}" y="48">${escapeHtml(describeGateMap(map))}</text>
<g transform="translate(${left},64)"><image href="${image}" width="${mapWidth}" height="${mapHeight}" style="image-rendering:pixelated"/></g>
${axisLabels}
<g transform="translate(${barX},64)">${colorBar(18, barHeight)}</g>
</svg>`;
  return svgToPng(svg);
}

/** A vertical color bar from 1 (top) to 0 with its values at the right, as the inside of an SVG. */
export function colorBar(width: number, height: number): string {
  const steps = 64;
  const bands = Array.from({ length: steps }, (_, i) => {
    const y = (height * i) / steps;
    return `<rect y="${y.toFixed(2)}" width="${width}" height="${(height / steps + 0.5).toFixed(2)}" fill="${hexColor(colorAt(1 - (i + 0.5) / steps))}"/>`;
  });
  const labels = [1, 0.5, 0].map((value) => `<text x="${width + 8}" y="${(1 - value) * height + 5}">${value}</text>`);
  return [...bands, ...labels].join('');
}

/** One line about a map: its size, mean, and how many gates are below one half. */
export function describeGateMap({ height, width, values }: GateMap): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const low = values.reduce((count, value) => count + (value < 0.5 ? 1 : 0), 0) / values.length;
  return `${formatCount(height)} × ${formatCount(width)} gates, mean ${formatNumber(mean)}, ${formatPercent(low, 0)} below 0.5`;
}

// P of each layer as a picture, with one color bar for all.
import { colorBar, describeGateMap } from '../figures/gate-map.ts';
import { pngUrl } from '../figures/png.ts';
import { escapeHtml } from '../html.ts';
import type { GateMap } from '../types.ts';

/** The maps of a network, each with its size and its mean. */
export function gateMapFigures(maps: readonly { map: GateMap; png: Uint8Array }[]): string {
  if (maps.length === 0) return '';
  const bar = `<svg viewBox="0 0 56 240" width="56" height="240" role="img" aria-label="color scale of P, 0 to 1" fill="currentColor" font-size="14"><g transform="translate(0,12)">${colorBar(18, 216)}</g></svg>`;
  const figures = maps.map(({ map, png }) => {
    const axes = map.axes ? `; down: ${map.axes.rows}, across: ${map.axes.columns}` : '';
    const about = (describeGateMap(map) + axes).replaceAll(' %', '\u00a0%');
    const name = escapeHtml(map.layer);
    const source = pngUrl(png);
    return `<figure><img src="${source}" alt="P of ${name}"><figcaption><strong>${name}</strong><br><span class="soft">${escapeHtml(about)}</span></figcaption></figure>`;
  });
  return `<div class="maps">${bar}<div class="grid">${figures.join('\n')}</div></div>`;
}

// Values under the pointer: what a chart tells a reader who points at it. The values travel with the chart; the script is a few lines in the page and needs
// nothing beside it. Without it, or on paper, the chart is the same picture.
import { escapeHtml } from '../html.ts';

/** Where something can be pointed at: its place on the x axis, 0 at the left and 1 at the right, and the lines of text there. */
export interface HoverStop {
  at: number;
  text: string;
}

/** The stops as an attribute of a figure. */
export const hoverAttribute = (stops: readonly HoverStop[]): string =>
  `data-hover="${escapeHtml(JSON.stringify(stops.map(({ at, text }) => [Number(at.toFixed(4)), text])))}"`;

/** The area of the axes in a picture, in the units of its view box. */
export const plotAttribute = (area: { left: number; right: number; top: number; bottom: number }): string =>
  `data-plot="${area.left} ${area.right} ${area.top} ${area.bottom}"`;

/** For the end of a page with charts. */
export const HOVER_SCRIPT = `<script>
for (const figure of document.querySelectorAll('figure[data-hover]')) {
  const stops = JSON.parse(figure.dataset.hover);
  const tip = figure.appendChild(Object.assign(document.createElement('div'), { className: 'tip', hidden: true }));
  const cursors = [...figure.querySelectorAll('.cursor')];
  const hide = () => { tip.hidden = true; for (const line of cursors) line.style.display = 'none'; };
  const show = (event) => {
    const svg = event.target.closest('svg');
    if (!svg || !svg.dataset.plot) return hide();
    const [left, right] = svg.dataset.plot.split(' ').map(Number);
    const box = svg.getBoundingClientRect();
    const unit = box.width / svg.viewBox.baseVal.width;
    const at = ((event.clientX - box.left) / unit - left) / (right - left);
    const stop = stops.reduce((a, b) => (Math.abs(b[0] - at) < Math.abs(a[0] - at) ? b : a));
    const x = left + stop[0] * (right - left);
    const line = svg.querySelector('.cursor');
    line.setAttribute('x1', x);
    line.setAttribute('x2', x);
    line.style.display = 'block';
    tip.textContent = stop[1];
    tip.hidden = false;
    const space = figure.getBoundingClientRect();
    const place = box.left - space.left + x * unit;
    tip.style.left = Math.max(0, Math.min(place + 12, space.width - tip.offsetWidth)) + 'px';
    if (place + 12 + tip.offsetWidth > space.width) tip.style.left = Math.max(0, place - 12 - tip.offsetWidth) + 'px';
    tip.style.top = box.top - space.top + Number(svg.dataset.plot.split(' ')[2]) * unit + 'px';
  };
  for (const name of ['pointermove', 'pointerdown']) figure.addEventListener(name, show);
  figure.addEventListener('pointerleave', hide);
}
</script>`;

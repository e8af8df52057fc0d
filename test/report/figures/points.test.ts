// The picture of results over seeds: what is drawn, and that it becomes a PNG without empty boxes.
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { svgToPng } from '../../../src/report/figures/png.ts';
import { type PointChart, renderPoints } from '../../../src/report/figures/points.ts';
import { textWidth } from '../../../src/report/figures/typeface.ts';

const chart: PointChart = {
  title: 'Table 1: <test> accuracy',
  xLabel: 'accuracy, %',
  reference: { label: 'plain NN, mean', value: 40 },
  rows: [
    { label: 'plain NN', values: [39, 40, 41], group: 'control' },
    { label: 'AN-UNet', values: [43, 44, 45], group: 'trained', published: { mean: 46, std: 0.5 } },
    { label: 'AN-CNN', values: [42], group: 'trained' },
    { label: 'AN-FCN (failed)', values: [] },
  ],
};
const svg = renderPoints(chart);

describe('renderPoints', () => {
  it('draws each run, each mean and each label, and escapes text', () => {
    // One published value, seven runs, three means.
    const groups = [...svg.matchAll(/<g[^>]*aria-label="dot"[^>]*>(.*?)<\/g>/gs)].map(
      ([, body]) => body!.match(/<(circle|path)/g)!.length,
    );
    expect(groups).toEqual([1, 7, 3]);
    for (const label of ['plain NN', 'AN-UNet', 'AN-CNN', 'AN-FCN (failed)']) expect(svg).toContain(`>${label}</text>`);
    expect(svg).toContain('&lt;test&gt;');
    expect(svg).not.toContain('<test>');
  });

  it('grows to the right where a label is long, so that none is cut off', () => {
    const label = 'a reading of the method with a very long name, and a random AN beside it (beyond the paper)';
    const wide = renderPoints({ ...chart, rows: [{ label, values: [1, 2] }] });
    const [, width] = /width="(\d+)"/.exec(wide)!;
    const [, end] = new RegExp(`<text x="([\\d.]+)"[^>]*>${label.replace(/[()]/g, '\\$&')}`).exec(wide)!;
    expect(Number(end)).toBeGreaterThan(textWidth(label, 14));
    expect(Number(width)).toBeGreaterThan(Number(end) + 400);
    expect(svg).toContain('width="760"');
  });

  it('puts a larger value further to the right, and the first row on top', () => {
    const means = [...svg.matchAll(/<circle fill="[^"]+" r="5\.5" cy="([\d.]+)" cx="([\d.]+)"/g)];
    const [ys, xs] = [1, 2].map((i) => means.map((match) => Number(match[i])));
    expect(xs).toHaveLength(3);
    expect(xs![0]).toBeLessThan(xs![2]!);
    expect(xs![2]).toBeLessThan(xs![1]!);
    expect(ys![0]).toBeLessThan(ys![1]!);
    expect(ys![1]).toBeLessThan(ys![2]!);
  });

  it('mentions the paper only where it is drawn', () => {
    expect(svg).toContain('>paper</text>');
    const rows = chart.rows.map(({ published, ...row }) => row);
    expect(renderPoints({ ...chart, rows })).not.toContain('>paper</text>');
  });

  it('becomes a picture, also with nothing to show', async () => {
    const png = await svgToPng(svg);
    const { width, height } = await sharp(png).metadata();
    expect([width, height]).toEqual([1520, 2 * (64 + 4 * 34 + 58)]);
    const empty = renderPoints({ title: 'none', xLabel: 'x', rows: [{ label: 'a', values: [] }] });
    expect((await svgToPng(empty)).length).toBeGreaterThan(0);
  });
});

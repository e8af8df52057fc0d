// Figures 2, 3 and 5: where trained networks look, by Grad-CAM, one column a network and one row an image, with a number under each picture.
import { join } from 'node:path';
import { BatchStream, DeviceData, type ImageSet } from 'astrogpu/data';
import { centerMass, gradCam, heatOverlay, massInside, pictureGrid, type RgbImage, upsample } from 'astrogpu/explain';
import { writeFileAtomic } from 'astrogpu/io';
import { formatPercent, renderMarkdown } from 'astrogpu/report';
import { armFile, folded, loadNetwork, readNetwork } from 'astrogpu/train';
import { type Facts, factsOf, marksOf } from '../common/runs/facts.ts';
import { isFinished, type Outcome } from '../common/runs/outcome.ts';
import { table1, table3 } from '../common/runs/paper.ts';
import { runId } from '../common/runs/plan.ts';
import type { Row } from '../common/runs/row.ts';
import type { Bench } from '../common/runs/run-list.ts';
import type { Pictures } from './pictures.ts';

/** The pictures are of this seed's runs. */
export const SEED = 1;

export interface HeatFigure {
  name: string;
  title: string;
  /** A column each, after the input. */
  rows: Row[];
}

/** Rows of Tables 1 and 3, which are the same runs: 2 and 3 the structures on two models, 5 the features. */
export function heatFigure(number: number, { model, dense }: { model: string; dense: string }): HeatFigure {
  const of = (rows: Row[], ...ids: string[]): Row[] => ids.map((id) => rows.find((row) => row.id.endsWith(`-${id}`))!);
  const structures = ['plain', 'cnn', 'fcn', 'unet'];
  if (number === 5)
    return {
      name: 'figure-5',
      title: `Figure 5: Grad-CAM under the features G, ${model}`,
      rows: of(table3(model).rows, 'plain', 'g-avg', 'g-max', 'unet'),
    };
  const shown = number === 2 ? model : dense;
  return {
    name: `figure-${number}`,
    title: `Figure ${number}: Grad-CAM under the structures of the AN, ${shown}`,
    rows: of(table1(shown).rows, ...structures),
  };
}

interface Column {
  label: string;
  maps: { map: Float32Array; share?: number; predicted: string }[];
  /** Over all images shown. */
  layer: string;
}

/** Draws the figure and writes its .png, .md and .json into the bench's folder, each whole or not at all; returns the Markdown. */
export async function writeHeat(
  bench: Bench,
  facts: Facts,
  { name, title, rows }: HeatFigure,
  outcomes: ReadonlyMap<string, Outcome>,
  pictures: Pictures,
): Promise<string> {
  const { set, masks, source } = pictures;
  const columns: Column[] = [];
  const failures: string[] = [];
  for (const row of rows) {
    const outcome = outcomes.get(runId(row.id, SEED));
    if (isFinished(outcome) && outcome.arm) columns.push(await explain(bench, row, outcome.arm.arm, pictures));
    else failures.push(`${row.label}: ${outcome && 'failed' in outcome ? `FAILED: ${outcome.failed}` : 'not run'}`);
  }
  const images = Array.from({ length: set.count }, (_, i) => picture(set, i));
  const truth = (i: number): string => {
    const name = set.classes[set.labels[i]];
    return masks ? `${name} (${formatPercent(areaOf(masks[i]), 0)})` : name;
  };
  const small = facts.quick ? ' (small version)' : '';
  const meaning = masks
    ? "Number: the share of the map that lies on objects of the class, by COCO's outlines; an even map has the part that is beside the name."
    : 'Number: the share of the map that lies in the centered rectangle with half of the area; an even map has 50 %. CIFAR-10 has no boxes: this is a center prior, no truth.';
  const png = await pictureGrid({
    title: `${title}${small}${facts.data.standIn ? ', STAND-IN DATA' : ''}`,
    columns: ['input', ...columns.map(({ label }) => label)],
    rows: images.map((image, i) => ({
      label: truth(i),
      cells: [
        { image, caption: '' },
        ...columns.map(({ maps }) => ({ image: heatOverlay(image, maps[i].map), caption: percent(maps[i].share) })),
      ],
    })),
    footer: [
      meaning,
      'Each map explains the true class and is scaled to its own maximum: light is more, dark is less.',
      ...failures,
    ],
  });
  const list = (items: string[]): string => items.map((item) => `- ${item}`).join('\n');
  const markdown = `${[
    `# ${title}`,
    ...marksOf(facts).map((mark) => `**${mark}**`),
    list(factsOf(facts)),
    `![${title}](${name}.png)`,
    renderMarkdown({
      columns: [{ title: 'Image' }, ...columns.map(({ label }) => ({ title: label }))],
      rows: [
        ...images.map((_, i) => [
          truth(i),
          ...columns.map(({ maps }) => `${percent(maps[i].share)}, says ${maps[i].predicted}`),
        ]),
        ['test accuracy of the run', ...rows.flatMap((row) => accuracy(outcomes.get(runId(row.id, SEED))))],
      ],
    }),
    list([
      masks
        ? meaning
        : `${meaning} It says where a network looks, not whether it looks at the object, and less still which network is better.`,
      `Maps: Grad-CAM of the true class at ${columns[0]?.layer ?? 'the last layer with more than one position'}, seed ${SEED}, T = ${facts.base.T}; the gates are folded into the weights.`,
      `Images: ${source}.`,
      ...failures,
    ]),
    `\`\`\`sh\n${facts.command}\n\`\`\``,
  ].join('\n\n')}\n`;
  const numbers = columns.map(({ label, layer, maps }) => ({
    label,
    layer,
    // null: no evidence to have a share of.
    images: maps.map(({ share = null, predicted }, i) => ({ class: truth(i), share, predicted })),
  }));
  writeFileAtomic(join(bench.out, `${name}.png`), png);
  writeFileAtomic(
    join(bench.out, `${name}.json`),
    `${JSON.stringify({ ...facts, title, columns: numbers }, null, 2)}\n`,
  );
  writeFileAtomic(join(bench.out, `${name}.md`), markdown);
  return markdown;
}

const percent = (part?: number): string => (part === undefined ? 'no evidence' : formatPercent(part, 0));
const areaOf = (mask: Uint8Array): number => mask.reduce((sum, inside) => sum + inside, 0) / mask.length;
const accuracy = (outcome: Outcome | undefined): string[] =>
  isFinished(outcome) && outcome.arm ? [formatPercent(outcome.arm.accuracy, 1)] : [];

/** The maps of a run's network, at the size of the images. */
async function explain(
  { gpu, out }: Bench,
  { id, label }: Row,
  arm: string,
  { set, masks }: Pictures,
): Promise<Column> {
  const { graph, dict, normalization, classes } = folded(readNetwork(armFile(join(out, runId(id, SEED)), arm)));
  const network = loadNetwork(gpu, graph, dict);
  const data = new DeviceData(gpu, set, normalization);
  const stream = new BatchStream(data, { batch: set.count, seed: 0 });
  stream.next();
  const { maps, layer, logits, ...from } = await gradCam(network, stream.x, { classes: set.labels });
  for (const part of [stream, data, network]) part.release();
  const names = classes.length;
  return {
    label,
    layer,
    maps: maps.map((map, i) => {
      const row = Array.from(logits.subarray(i * names, (i + 1) * names));
      const whole = upsample(map, from, set);
      return {
        map: whole,
        share: masks ? massInside(whole, masks[i]) : centerMass(whole, set),
        predicted: classes[row.indexOf(Math.max(...row))],
      };
    }),
  };
}

const picture = ({ images, width, height }: ImageSet, i: number): RgbImage => ({
  data: images.slice(i * width * height * 3, (i + 1) * width * height * 3),
  width,
  height,
});

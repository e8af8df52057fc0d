// Table 5 as Markdown, as a picture and as JSON with every run behind it.
import { join } from 'node:path';
import type { DetectorConfig, Scores } from 'astrogpu/detect';
import { writeFileAtomic } from 'astrogpu/io';
import {
  type Difference,
  formatCount,
  formatPercent,
  pairedDifference,
  renderMarkdown,
  renderPoints,
  summarize,
  svgToPng,
  type Table,
} from 'astrogpu/report';
import { type Facts, factsOf, marksOf } from '../../common/runs/facts.ts';
import { type Finished, isFinished, type Outcome } from '../../common/runs/outcome.ts';
import { runId } from '../../common/runs/plan.ts';
import type { Row } from '../../common/runs/row.ts';
import { comparable } from '../../common/runs/size.ts';
import { points, spread } from '../output.ts';
import { type Detected, type Detection, isDetected } from './detector-runs.ts';

export const NAME = 'table-5';
const TITLE = 'Table 5: BoxInst on COCO, by the pretraining of its backbone';

/** The paper's mask AP, and that of small, medium and large objects, in %: by arm. */
const PUBLISHED: Partial<Record<Row['arm'], readonly number[]>> = {
  plain: [32.1, 15.6, 34.3, 43.5],
  trained: [33.7, 15.9, 34.1, 44.2],
};
/** What is shown of masks, by the titles of the columns. */
const SHOWN: readonly [of: keyof Scores, title: string][] = [
  ['ap', 'Mask AP, %'],
  ['ap50', 'Mask AP at .50, %'],
  ['ap75', 'Mask AP at .75, %'],
  ['apSmall', 'Mask AP, small, %'],
  ['apMedium', 'Mask AP, medium, %'],
  ['apLarge', 'Mask AP, large, %'],
];

/** A row with what its runs came to, by seed. */
export interface DetectionRow {
  row: Row;
  pretrained: Map<number, Finished>;
  detected: Map<number, Detected>;
  failures: Map<number, string>;
}

export const gatherRows = (
  rows: readonly Row[],
  outcomes: ReadonlyMap<string, Outcome>,
  detections: ReadonlyMap<string, Detection>,
  seeds: number,
): DetectionRow[] =>
  rows.map((row) => {
    const gathered: DetectionRow = { row, pretrained: new Map(), detected: new Map(), failures: new Map() };
    for (let seed = 1; seed <= seeds; seed++) {
      const id = runId(row.id, seed);
      const [outcome, detection] = [outcomes.get(id), detections.get(id)];
      if (isFinished(outcome)) gathered.pretrained.set(seed, outcome);
      else if (outcome) gathered.failures.set(seed, `pretraining: ${outcome.failed}`);
      if (isDetected(detection)) gathered.detected.set(seed, detection);
      else if (detection) gathered.failures.set(seed, detection.failed);
    }
    return gathered;
  });

/** In %, by seed; what no object is there for is left out. */
function percents({ detected }: DetectionRow, of: 'box' | 'mask', at: keyof Scores): Map<number, number> {
  const values = [...detected].map(([seed, found]): [number, number] => [seed, found[of][at] * 100]);
  return new Map(values.filter(([, value]) => value >= 0));
}

function resultTable(rows: readonly DetectionRow[]): Table {
  const right = (title: string) => ({ title, align: 'right' as const });
  const mean = (values: ReadonlyMap<number, number>): string => {
    const { n, mean, std } = summarize([...values.values()]);
    return n > 0 ? spread(mean, std) : '-';
  };
  return {
    columns: [
      { title: 'Backbone' },
      right('Seeds'),
      ...SHOWN.map(([, title]) => right(title)),
      right('Box AP, %'),
      right('Masks unlike boxes'),
      right('ImageNet accuracy, %'),
      right('Parameters kept'),
      right("Paper's own: mask AP / small / medium / large, %"),
    ],
    rows: rows.map((all) => {
      const { row, pretrained, detected, failures } = all;
      const arms = [...pretrained.values()].flatMap(({ arm }) => (arm ? [arm] : []));
      const kept = summarize(arms.map(({ parametersKept }) => parametersKept)).mean;
      const unlike = summarize([...detected.values()].map(({ unlikeBoxes }) => unlikeBoxes)).mean;
      return [
        row.label,
        String(detected.size),
        ...(detected.size > 0
          ? SHOWN.map(([of]) => mean(percents(all, 'mask', of)))
          : [failures.size > 0 ? 'failed' : 'not run', '', '', '', '', '']),
        mean(percents(all, 'box', 'ap')),
        detected.size > 0 ? formatPercent(unlike, 1) : '',
        mean(new Map(arms.map(({ accuracy }, i) => [i, accuracy * 100]))),
        arms.length > 0 ? `${formatCount(kept)} (${formatPercent(kept / arms[0].parametersTotal, 1)})` : '',
        PUBLISHED[row.arm]?.map((value) => value.toFixed(1)).join(' / ') ?? '',
      ];
    }),
  };
}

/** Of the trained row's mask AP to that of each other, paired by seed. */
function differences(rows: readonly DetectionRow[]): { to: string; difference: Difference }[] {
  const trained = rows.find(({ row }) => row.arm === 'trained');
  if (!trained) return [];
  return rows
    .filter((other) => other !== trained)
    .map((other) => ({
      to: other.row.label,
      difference: pairedDifference(percents(trained, 'mask', 'ap'), percents(other, 'mask', 'ap')),
    }))
    .filter(({ difference }) => difference.n > 0);
}

const inWords = ({ to, difference: { mean, low, high, n } }: ReturnType<typeof differences>[number]): string =>
  `Mask AP of the backbone† to that of the ${to}: ${points(mean)} points${low === undefined ? ` (n = ${n}: no interval)` : ` [${points(low)}, ${points(high!)}], n = ${n}`}.`;

const NOTES = [
  "Mask AP and box AP: COCO's, over IoU .50:.05:.95, after the last iteration, mean ± sample standard deviation over seeds; - stands for what has no object among the test images.",
  'Masks unlike boxes: the share of the pixels of predicted boxes where the mask differs from the filled box; a box that passes for a mask would have 0.',
  "Each backbone is pretrained by the main job under its arm, and stands under its detector with its gates multiplied into its weights, at its full size. In the detector's training what is not frozen learns on, so that a weight that a gate made 0 may be another one then.",
  'All rows have the same number of updates in pretraining and of iterations of the detector, the same images and the same recipe; with the same seed they start from the same weights. The search before the trained row trains another network; its updates are not counted.',
  "The paper does not say how its ResNet50† was pretrained; the setting here is torchvision's, with a cosine.",
];

function detectorFacts({ iterations, batch, short, long, lr, optimizer, channels, towers }: DetectorConfig): string {
  return `Detector: BoxInst with ${channels} channels and ${towers} convolutions a tower; ${formatCount(iterations)} iterations of ${batch} images, short sides of ${short.length > 1 ? `${Math.min(...short)} to ${Math.max(...short)}` : short[0]} up to a long one of ${long}, ${optimizer} with a rate of ${lr}`;
}

/** Where COCO is, and how much of it was used. */
const cocoFacts = ({ coco }: DetectorFacts, data?: Detected['data']): string =>
  `COCO: ${coco}${data ? `; ${formatCount(data.trainImages)} training images, ${data.sameImages ? 'the same' : formatCount(data.testImages)} for testing` : ''}`;

/** What the detectors were trained on. */
export interface DetectorFacts {
  config: DetectorConfig;
  coco: string;
}

/** Is the detector's training as published? */
const asPublished = ({ config: { iterations, images, channels, testShort } }: DetectorFacts): boolean =>
  iterations >= 90_000 && images === undefined && channels >= 256 && testShort >= 800;

export function renderDetections(facts: Facts, detector: DetectorFacts, rows: readonly DetectionRow[]): string {
  const list = (items: readonly string[]): string => items.map((item) => `- ${item}`).join('\n');
  const failures = rows.flatMap(({ row, failures }) =>
    [...failures].map(([seed, reason]) => `FAILED: ${row.label}, seed ${seed}: ${reason}`),
  );
  const small = asPublished(detector)
    ? []
    : [
        "SMALLER DETECTORS THAN THE PAPER'S: their numbers show that the chain runs, judge nothing, and cannot be compared with the published ones.",
      ];
  const data = rows.flatMap(({ detected }) => [...detected.values()]).at(0)?.data;
  const same = data?.sameImages
    ? ['MEASURED ON THE TRAINING IMAGES: the numbers say that these can be learned, and nothing of other images.']
    : [];
  const parts = [
    `# ${TITLE}`,
    ...[...marksOf(facts), ...small, ...same].map((mark) => `**${mark}**`),
    list([...factsOf(facts), detectorFacts(detector.config), cocoFacts(detector, data)]),
    renderMarkdown(resultTable(rows)),
    list(differences(rows).map(inWords)),
    list(failures),
    `![Mask AP of each row](${NAME}.png)`,
    list([
      ...NOTES,
      facts.seeds === 1
        ? 'One seed: no spread and no interval, so no row can be called better than another.'
        : "Differences are paired by seed; in brackets the 95 % interval of their mean by Student's t with n − 1 degrees of freedom. The backbone† wins only where both lie above 0.",
    ]),
    `\`\`\`sh\n${facts.command}\n\`\`\``,
  ];
  return `${parts.filter(Boolean).join('\n\n')}\n`;
}

function drawDetections(facts: Facts, detector: DetectorFacts, rows: readonly DetectionRow[]): string {
  const withPaper = comparable(facts.base, false) && asPublished(detector);
  return renderPoints({
    title: `${TITLE}${facts.quick ? ' (small version)' : ''}`,
    xLabel: 'mask AP, %',
    rows: rows.map((all) => ({
      label: all.row.label,
      group: all.row.arm,
      values: [...percents(all, 'mask', 'ap').values()],
      published: withPaper && PUBLISHED[all.row.arm] ? { mean: PUBLISHED[all.row.arm]![0] } : undefined,
    })),
  });
}

/** Writes table-5.md, .svg, .png and .json into the folder, each whole or not at all, and returns the Markdown. */
export async function writeDetections(
  out: string,
  facts: Facts,
  detector: DetectorFacts,
  rows: readonly DetectionRow[],
): Promise<string> {
  const svg = drawDetections(facts, detector, rows);
  const markdown = renderDetections(facts, detector, rows);
  const file = (ending: string): string => join(out, `${NAME}.${ending}`);
  const raw = rows.map(({ row, pretrained, detected, failures }) => ({
    row,
    pretrained: Object.fromEntries(pretrained),
    detected: Object.fromEntries(detected),
    failures: Object.fromEntries(failures),
  }));
  writeFileAtomic(file('svg'), svg);
  writeFileAtomic(file('png'), await svgToPng(svg));
  writeFileAtomic(file('json'), `${JSON.stringify({ ...facts, title: TITLE, detector, rows: raw }, null, 2)}\n`);
  writeFileAtomic(file('md'), markdown);
  return markdown;
}

// Figure 4: how far P still moves from one iteration of the regulation to the next, for each λ; with an astrocyte that never learns beside them.
import { join } from 'node:path';
import { writeFileAtomic } from 'astrogpu/io';
import {
  type Chart,
  formatNumber,
  PALETTE,
  renderChart,
  renderMarkdown,
  type Summary,
  summarize,
  svgToPng,
} from 'astrogpu/report';
import type { JobConfig } from 'astrogpu/train';
import { type Facts, factsOf, marksOf } from '../common/runs/facts.ts';
import { isFinished, type Outcome } from '../common/runs/outcome.ts';
import { runId } from '../common/runs/plan.ts';
import type { Row } from '../common/runs/row.ts';

const LAMBDAS = ['0', '1e-4', '1e-3', '1e-2', '1e-1'];
const T = 10;
/** What "falls towards 0" means here: the last step is at most this part of the first. */
const TOWARDS_ZERO = 0.1;

const searchRow = (model: string, name: string, label: string, change: Row['change']): Row => ({
  id: `${model}-T${T}-${name}`,
  label,
  model,
  arm: 'search',
  change: { ...change, T },
});

/** The base as these rows have it, for what is said about them. */
export const regulationBase = (base: JobConfig): JobConfig => ({
  ...base,
  phase: ['search'],
  T,
});

/** A search for each λ, and one in which the astrocyte stays as it was drawn. */
export const regulationRows = (model: string): Row[] => [
  ...LAMBDAS.map((lambda) => searchRow(model, `lambda-${lambda}`, `λ = ${lambda}`, { lambda: Number(lambda) })),
  searchRow(model, 'untrained', 'AN never trained', { anLr: 0 }),
];

export interface Curve {
  row: Row;
  /** |eᵗ − eᵗ⁻¹| over seeds for t = 2, 3, ...; empty where no run finished. */
  steps: Summary[];
  failures: string[];
}

/** |eᵗ − eᵗ⁻¹| for t = 2, 3, ... */
export const stepsOf = (e: readonly number[]): number[] => e.slice(1).map((value, i) => Math.abs(value - e[i]));

export function curvesOf(rows: readonly Row[], outcomes: ReadonlyMap<string, Outcome>, seeds: number): Curve[] {
  return rows.map((row) => {
    const all: number[][] = [];
    const failures: string[] = [];
    for (let seed = 1; seed <= seeds; seed++) {
      const outcome = outcomes.get(runId(row.id, seed));
      if (isFinished(outcome)) all.push(stepsOf(outcome.e.search ?? []));
      else if (outcome) failures.push(`${row.label}, seed ${seed}: ${outcome.failed}`);
    }
    const steps = (all[0] ?? []).map((_, i) => summarize(all.map((one) => one[i])));
    return { row, steps, failures };
  });
}

/** Of the means: where they end, and by which way. */
export function verdictOf({ steps }: Curve): string {
  if (steps.length === 0) return 'not run';
  const means = steps.map(({ mean }) => mean);
  const [first, last] = [means[0], means[means.length - 1]];
  const steady = means.every((mean, i) => i === 0 || mean <= means[i - 1]);
  const to = `to ${formatNumber(last / first)} of the first step`;
  if (last >= first) return `no: ${to}`;
  return `${last <= TOWARDS_ZERO * first ? 'yes' : 'not near 0'}: ${to}${steady ? '' : ', not at every t'}`;
}

const chartOf = ({ quick, data }: Facts, curves: readonly Curve[]): Chart => ({
  title: `Figure 4: temporal regulation${quick ? ' (small version)' : ''}${data.standIn ? ', STAND-IN DATA' : ''}`,
  xLabel: 'iteration t',
  yLabel: '|eᵗ − eᵗ⁻¹|, logarithmic',
  logarithmic: true,
  lines: curves.map(({ row, steps }, i) => ({
    label: row.label,
    color: PALETTE[i % PALETTE.length],
    dashed: row.change.anLr === 0,
    points: steps.map(({ mean, std }, i) => ({ x: i + 2, y: mean, spread: std })),
  })),
});

function render(facts: Facts, curves: readonly Curve[]): string {
  const list = (items: string[]): string => items.map((item) => `- ${item}`).join('\n');
  const failures = curves.flatMap((curve) => curve.failures.map((reason) => `FAILED: ${reason}`));
  const right = (title: string) => ({ title, align: 'right' as const });
  const shown = ({ mean, std }: Summary): string =>
    std === undefined ? formatNumber(mean) : `${formatNumber(mean)} ± ${formatNumber(std)}`;
  const table = {
    columns: [
      { title: 'Row' },
      right('Seeds'),
      ...Array.from({ length: T - 1 }, (_, i) => right(`t = ${i + 2}`)),
      { title: 'Falls towards 0' },
    ],
    rows: curves.map((curve) => {
      const { row, steps } = curve;
      const cells = Array.from({ length: T - 1 }, (_, i) => (steps[i] ? shown(steps[i]) : ''));
      return [row.label, String(steps[0]?.n ?? 0), ...cells, verdictOf(curve)];
    }),
  };
  const parts = [
    '# Figure 4: |eᵗ − eᵗ⁻¹| over the iterations',
    ...marksOf(facts).map((mark) => `**${mark}**`),
    list(factsOf(facts)),
    '![|eᵗ − eᵗ⁻¹| over t](figure-4.png)',
    renderMarkdown(table),
    ...(failures.length > 0 ? [list(failures)] : []),
    list([
      `eᵗ = ‖Pᵗ − Pᵗ⁻¹‖ / √(number of gates), e¹ = ‖P¹‖ / √(number of gates), as regulated with T = ${T} after the last epoch of the search; the first difference is that of t = 2. Means, bars and ± are over seeds (sample standard deviation; a bar ends at a tenth of its mean where it would reach 0).`,
      `"Falls towards 0" is "yes" where the mean at t = ${T} is at most ${TOWARDS_ZERO} of that at t = 2.`,
      'In the row "AN never trained" the astrocyte has a learning rate of 0: what falls there too is not the work of training.',
      ...(facts.base.updates === 'last'
        ? [`Updates are made at t = ${T} alone here, so λ weighs |e¹⁰ − e⁹| and no other difference.`]
        : []),
    ]),
    `\`\`\`sh\n${facts.command}\n\`\`\``,
  ];
  return `${parts.join('\n\n')}\n`;
}

/** Writes figure-4.md, .svg, .png and .json into the folder, each whole or not at all, and returns the Markdown. */
export async function writeRegulation(out: string, facts: Facts, curves: readonly Curve[]): Promise<string> {
  const markdown = render(facts, curves);
  const svg = renderChart(chartOf(facts, curves));
  const file = (ending: string): string => join(out, `figure-4.${ending}`);
  writeFileAtomic(file('svg'), svg);
  writeFileAtomic(file('png'), await svgToPng(svg));
  writeFileAtomic(file('json'), `${JSON.stringify({ ...facts, curves }, null, 2)}\n`);
  writeFileAtomic(file('md'), markdown);
  return markdown;
}

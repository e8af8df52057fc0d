// The networks that the trade-off between accuracy and size trains: the plain one at several widths, which is the curve to beat, and beside each narrower one those
// that gates left as many parameters.
import type { TrainOptions } from 'astrogpu/cli';
import { describeModel, networkParameters, widthFor } from 'astrogpu/models';
import { formatPercent } from 'astrogpu/report';
import type { JobConfig } from 'astrogpu/train';
import { type Change, plainRow, type Row } from '../../common/runs/row.ts';
import { type Curve, gatedCurve, PAPER, PLAIN, rules } from './curves.ts';

export interface TradeoffRow extends Row {
  curve: Curve;
  /** The part of the whole network's parameters that it is to keep; 1 for the whole network itself, absent where a threshold or a width decides. */
  kept?: number;
}

/** Kept fractions in the order in which they are trained: the most telling first. */
export const KEPT = [0.5, 0.25, 0.68, 0.1];
export const KEPT_QUICK = [0.5, 0.25];
/** Of groups of channels the first half of the fractions. */
const grouped = (kept: readonly number[]): readonly number[] => kept.slice(0, Math.ceil(kept.length / 2));
const GROUP: TrainOptions = { gate: 'channel', group: 4 };

/** Widths that leave multiples of four channels, which kernels read at once: what a narrower network is worth in time. */
const EVEN = [0.75, 0.5];

/** The whole network, and what decides how others are configured. */
export interface Whole {
  /** By the paper's recipe. */
  base: JobConfig;
  /** Of the data set: they decide the classifier's size. */
  classes: number;
  /** The base with other options than its own. */
  configured(options: TrainOptions): JobConfig;
}

/** Parameters of the whole network. */
export const wholeParameters = ({ base: { model, width }, classes }: Whole): number =>
  networkParameters(describeModel(model, { classes, width }));

/** `25` for 0.25, `12.5` for 0.125: a part of an id. */
const percent = (kept: number): string => String(Number((100 * kept).toFixed(4)));

/** Every row in the order in which they are trained, for one seed after another. */
export function tradeoffRows(whole: Whole, kept: readonly number[]): TradeoffRow[] {
  const { model } = whole.base;
  return unique([
    { ...plainRow(model), label: 'plain NN, whole', curve: PLAIN, kept: 1 },
    ...kept.flatMap((part) => [narrowTo(whole, part), ...gatedTo(whole, part)]),
    ...grouped(kept).flatMap((part) => gatedTo(whole, part, true)),
    ...EVEN.map((part) => evenly(whole, part)),
    ...paperRows(whole, kept),
  ]);
}

/** A search that several rows take their astrocyte from is one row. */
const unique = (rows: readonly TradeoffRow[]): TradeoffRow[] => [...new Map(rows.map((row) => [row.id, row])).values()];

/** A plain network of its own width: it needs no other run to end before. */
function narrowTo(whole: Whole, kept: number): TradeoffRow {
  const { base, classes } = whole;
  const width = widthFor(base.model, kept * wholeParameters(whole), { classes });
  return rowOf(whole, PLAIN, `narrow-${percent(kept)}`, { arm: 'plain', change: { width }, kept });
}

/** A plain network of a part of the channels, whatever parameters that leaves. */
const evenly = (whole: Whole, part: number): TradeoffRow => ({
  ...rowOf(whole, PLAIN, `width-${percent(part)}`, { arm: 'plain', change: { width: part * whole.base.width } }),
  label: `plain, ${formatPercent(part, 0)} of the channels`,
});

/** Networks that are cut to the same parameters by each rule, under the recipe of this project. */
function gatedTo(whole: Whole, kept: number, channels = false): TradeoffRow[] {
  const options: TrainOptions = { recipe: 'astrogpu', ...(channels && GROUP) };
  const change = differing(whole, { ...options, targetParams: kept });
  return rules.flatMap((rule) => {
    const curve = gatedCurve(rule, channels);
    const row = rowOf(whole, curve, `${curve.id}-${percent(kept)}`, { arm: rule, change, kept });
    if (rule !== 'trained') return [row];
    // A search that knows nothing of what will be kept serves all fractions.
    const search = change.searchStructure
      ? searchRow(whole, curve, change, percent(kept))
      : searchRow(whole, curve, differing(whole, options));
    return [search, { ...row, astrocyteOf: search.id }];
  });
}

/** The paper's own way: its threshold, and then as many gates as each fraction says. */
function paperRows(whole: Whole, kept: readonly number[]): TradeoffRow[] {
  const search = searchRow(whole, PAPER, {});
  const guided = { arm: 'trained', astrocyteOf: search.id } as const;
  return [
    search,
    { ...rowOf(whole, PAPER, 'paper', { ...guided, change: {} }), label: `${PAPER.label}, its threshold` },
    ...kept.map((part) =>
      rowOf(whole, PAPER, `paper-${percent(part)}`, { ...guided, change: { keep: part }, kept: part }),
    ),
  ];
}

const searchRow = (whole: Whole, curve: Curve, change: Change, kept?: string): TradeoffRow => ({
  ...rowOf(whole, curve, ['search', curve.id, kept].filter(Boolean).join('-'), { arm: 'search', change }),
  label: `${curve.label}: the search${kept === undefined ? '' : ` for ${kept} %`}`,
});

const rowOf = (
  { base: { model } }: Whole,
  curve: Curve,
  name: string,
  rest: Pick<TradeoffRow, 'arm' | 'change' | 'kept' | 'astrocyteOf'>,
): TradeoffRow => ({
  id: `${model}-${name}`,
  label: rest.kept === undefined ? curve.label : `${curve.label} to ${formatPercent(rest.kept, 0)}`,
  model,
  curve,
  beyondPaper: curve !== PLAIN && curve !== PAPER,
  ...rest,
});

/** What options make of the base: the settings that come out otherwise, but for the arms, which are the row's. */
function differing({ base, configured }: Whole, options: TrainOptions): Change {
  const config = configured(options);
  const names = (Object.keys({ ...base, ...config }) as (keyof JobConfig)[]).filter((name) => name !== 'arms');
  return Object.fromEntries(
    names.flatMap((name) =>
      JSON.stringify(config[name]) === JSON.stringify(base[name]) ? [] : [[name, config[name]]],
    ),
  );
}

// The networks that the trade-off between accuracy and size trains: the plain one at several widths, which is the curve to beat, and beside each narrower one those
// that gates left as many parameters.
import type { TrainOptions } from 'astrogpu/cli';
import { describeModel, networkParameters, widthFor } from 'astrogpu/models';
import type { JobConfig } from 'astrogpu/train';
import { type Change, changeTo, plainRow, type Row } from '../../common/runs/row.ts';
import { type Curve, gatedCurve, PAPER, PLAIN, RULES, rules } from './curves.ts';

export interface TradeoffRow extends Row {
  curve: Curve;
  /** The part of the whole network's parameters that it is to keep; 1 for the whole network itself, absent where a threshold, a part of the gates or a width decides. */
  kept?: number;
}

/** Kept fractions in the order in which they are trained: the most telling first. */
export const KEPT = [0.5, 0.25, 0.68, 0.1];
export const KEPT_QUICK = [0.5, 0.25];

/**
 * Channels of a group: on llvmpipe widths of 16 and multiples of 32 are what is fast (docs/results/software-adapter.md). The recipe's gates stay the inner ones: of about as many parameters they leave
 * networks about as fast as gates everywhere do, and residual sums carry an image through whatever is cut.
 */
export const GROUP = 16;
/** The fractions that are tried by groups of channels, too, are those nearest to these. */
const GROUPED = [0.5, 0.25];
const GROUPED_QUICK = [0.5];

export const groupedOf = (kept: readonly number[], quick: boolean): number[] => [
  ...new Set(
    (quick ? GROUPED_QUICK : GROUPED).map((wanted) =>
      kept.reduce((best, part) => (Math.abs(part - wanted) < Math.abs(best - wanted) ? part : best)),
    ),
  ),
];

/** Widths at which the channels of networks of 16, 32, 64... stay such numbers: what a narrower network is worth in time. */
const EVEN = [0.5, 0.25];

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
export const percent = (kept: number): string => String(Number((100 * kept).toPrecision(12)));

/** The fractions that folders of runs of a model are named after. */
export const fractionsOf = (folders: readonly string[], model: string): number[] => [
  ...new Set(
    folders.flatMap((name) => {
      const [, found] = (name.startsWith(`${model}-`) && /-(\d+(?:\.\d+)?)-seed\d+$/.exec(name)) || [];
      const kept = Number(`${found}e-2`);
      return kept > 0 && kept < 1 ? [kept] : [];
    }),
  ),
];

/** Which networks there are besides the whole one. */
export interface Asked {
  kept: readonly number[];
  /** The fractions among them that are tried by groups of channels, too. */
  grouped: readonly number[];
  /** Channels of a group. */
  group: number;
}

/** Every row in the order in which they are trained, for one seed after another. */
export function tradeoffRows(whole: Whole, { kept, grouped, group }: Asked): TradeoffRow[] {
  const { model } = whole.base;
  return unique([
    { ...plainRow(model), label: 'plain NN, whole', curve: PLAIN, kept: 1 },
    ...kept.flatMap((part) => [narrowTo(whole, part), ...gatedTo(whole, part)]),
    ...grouped.flatMap((part) => gatedTo(whole, part, group)),
    ...EVEN.map((part) => evenly(whole, part)),
    ...paperRows(whole, kept),
  ]);
}

/** Each row once, where it comes first: a search that several take their astrocyte from, say. */
export function unique(rows: readonly TradeoffRow[]): TradeoffRow[] {
  const ids = new Set<string>();
  return rows.filter(({ id }) => ids.size < ids.add(id).size);
}

/** A plain network of its own width: it needs no other run to end before. */
function narrowTo(whole: Whole, kept: number): TradeoffRow {
  const { base, classes } = whole;
  const width = widthFor(base.model, kept * wholeParameters(whole), { classes });
  return rowOf(whole, PLAIN, `narrow-${percent(kept)}`, { arm: 'plain', change: { width }, kept });
}

/** A plain network of a part of the channels, whatever parameters that leaves. */
const evenly = (whole: Whole, part: number): TradeoffRow => ({
  ...rowOf(whole, PLAIN, `width-${percent(part)}`, { arm: 'plain', change: { width: part * whole.base.width } }),
  label: `plain, ${percent(part)} % of the channels`,
});

/** Networks that are cut to the same parameters by each rule, under the recipe of this project: by single connections, or by so many channels together. */
function gatedTo(whole: Whole, kept: number, channels?: number): TradeoffRow[] {
  const recipe: TrainOptions = {
    recipe: 'astrogpu',
    ...(channels !== undefined && { gate: 'channel', group: channels }),
  };
  return rules.flatMap((rule) => {
    const { arm, options } = RULES[rule];
    const curve = gatedCurve(rule, channels);
    const name = channels === undefined ? rule : `group-${channels}-${rule}`;
    const change = changed(whole, { ...recipe, ...options, targetParams: kept });
    const row = rowOf(whole, curve, `${name}-${percent(kept)}`, { arm, change, kept });
    if (arm !== 'trained') return [row];
    // A search that knows nothing of what will be kept serves all fractions.
    const search = change.searchStructure
      ? searchRow(whole, curve, `${name}-${percent(kept)}`, change, kept)
      : searchRow(whole, curve, name, changed(whole, { ...recipe, ...options }));
    return [search, { ...row, astrocyteOf: search.id }];
  });
}

/** The paper's own way: its threshold; and, beyond it, as many gates as each fraction says. */
function paperRows(whole: Whole, kept: readonly number[]): TradeoffRow[] {
  const search = searchRow(whole, PAPER, PAPER.id, {});
  const guided = { arm: 'trained', astrocyteOf: search.id } as const;
  return [
    search,
    { ...rowOf(whole, PAPER, 'paper', { ...guided, change: {} }), label: `${PAPER.label}, its threshold` },
    ...kept.map((part) => ({
      ...rowOf(whole, PAPER, `paper-${percent(part)}`, { ...guided, change: { keep: part } }),
      label: `${PAPER.label}, ${percent(part)} % of the gates`,
      beyondPaper: true,
    })),
  ];
}

const searchRow = (whole: Whole, curve: Curve, name: string, change: Change, kept?: number): TradeoffRow => ({
  ...rowOf(whole, curve, `search-${name}`, { arm: 'search', change }),
  label: `${curve.label}: the search${kept === undefined ? '' : ` for ${percent(kept)} %`}`,
});

const rowOf = (
  { base: { model } }: Whole,
  curve: Curve,
  name: string,
  rest: Pick<TradeoffRow, 'arm' | 'change' | 'kept' | 'astrocyteOf'>,
): TradeoffRow => ({
  id: `${model}-${name}`,
  label: rest.kept === undefined ? curve.label : `${curve.label} to ${percent(rest.kept)} %`,
  model,
  curve,
  beyondPaper: curve !== PLAIN && curve !== PAPER,
  ...rest,
});

/** What options make of the base. */
const changed = ({ base, configured }: Whole, options: TrainOptions): Change => changeTo(configured(options), base);

// What the trade-off between accuracy and size compares: the plain network at several widths, which is the curve to beat, and beside each narrower one those that
// gates left as many parameters.
import { describeModel, networkParameters, widthFor } from 'astrogpu/models';
import { formatPercent } from 'astrogpu/report';
import type { JobConfig } from 'astrogpu/train';
import { plainRow, type Row } from '../../common/runs/row.ts';

/** Networks that belong together: a line of the picture. */
export interface Curve {
  id: string;
  /** In the picture and in the table. */
  label: string;
  /** In a sentence. */
  name: string;
  /** Place of its color in the palette. */
  color: number;
  dashed?: boolean;
  /** The curves that its points are compared with at the same size, the harder first. */
  rivals?: readonly string[];
}

export interface TradeoffRow extends Row {
  curve: Curve;
  /** The part of the whole network's parameters that it is to keep; 1 for the whole network itself, absent where a threshold decides. */
  kept?: number;
}

export const PLAIN: Curve = { id: 'narrow', label: 'plain, narrower', name: 'the narrower network', color: 0 };

/** Kept fractions in the order in which they are trained: the most telling first. */
export const KEPT = [0.5, 0.25, 0.68, 0.1];
export const KEPT_QUICK = [0.5, 0.25];

/** The whole network, and what of the data set decides its size. */
export interface Whole {
  base: JobConfig;
  classes: number;
}

/** Parameters of the whole network. */
export const wholeParameters = ({ base: { model, width }, classes }: Whole): number =>
  networkParameters(describeModel(model, { classes, width }));

/** `25` for 0.25, `12.5` for 0.125: a part of an id. */
const percent = (kept: number): string => String(Number((100 * kept).toFixed(4)));

/** Every row in the order in which they are trained, for one seed after another. */
export function tradeoffRows(whole: Whole, kept: readonly number[]): TradeoffRow[] {
  const { model } = whole.base;
  return [
    { ...plainRow(model), label: 'plain NN, whole', curve: PLAIN, kept: 1 },
    ...kept.map((part) => narrowTo(whole, part)),
  ];
}

/** A plain network of its own width: it needs no other run to end before. */
function narrowTo(whole: Whole, kept: number): TradeoffRow {
  const { base, classes } = whole;
  const width = widthFor(base.model, kept * wholeParameters(whole), { classes });
  return {
    id: `${base.model}-narrow-${percent(kept)}`,
    label: `${PLAIN.label} to ${formatPercent(kept, 0)}`,
    model: base.model,
    arm: 'plain',
    change: { width },
    curve: PLAIN,
    kept,
  };
}

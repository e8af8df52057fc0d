// A row of a table as data: which arm it is, how its configuration differs from the base, and what the paper reports for it.
import type { JobConfig } from 'astrogpu/train';

/** What a row sets differently from the base configuration. */
export type Change = Partial<JobConfig>;

/** Accuracy in %, parameters in millions. */
export interface Published {
  accuracy: number;
  std?: number;
  parameters: number;
}

/** docs/method.md §8's (a) plain, (b) random, (c) trained, (d) narrow, (e) magnitude; and a search alone, for figures that need no more and for rows that take its astrocyte. */
export type Arm = 'plain' | 'random' | 'trained' | 'magnitude' | 'narrow' | 'search';

export interface Row {
  /** Of its runs' folders: the same in two tables where the runs are the same. */
  id: string;
  label: string;
  model: string;
  arm: Arm;
  change: Change;
  /** Of a narrow row: the row whose kept parameters it is narrowed to, seed by seed. */
  narrowOf?: string;
  /** Of a row under a budget of parameters: the row whose kept parameters are the budget, seed by seed. */
  keepsAs?: string;
  /** Of a trained row without a search of its own: the row whose astrocyte it takes, seed by seed. */
  astrocyteOf?: string;
  /** Of a trained row: what it must beat. */
  controls?: { plain: string; random: string; narrow: string };
  published?: Published;
  /** A reading that the paper does not have (docs/method.md §11). */
  beyondPaper?: boolean;
}

export interface TablePlan {
  /** Of files: `table-1`. */
  name: string;
  title: string;
  /** Whether the paper has this table. */
  published: boolean;
  /** What its figures there are for. Default ResNets on CIFAR-10. */
  publishedFor?: string;
  rows: Row[];
  /** What a reader of this table must know besides what holds for all of them. */
  notes: string[];
}

/** The rows that every table compares with, for one model. */
export const controlsOf = (model: string): { plain: string; random: string; narrow: string } => ({
  plain: `${model}-plain`,
  random: `${model}-random`,
  narrow: `${model}-narrow`,
});

export const plainRow = (model: string, published?: Published): Row => ({
  id: controlsOf(model).plain,
  label: 'plain NN',
  model,
  arm: 'plain',
  change: {},
  published,
});

export const randomRow = (model: string): Row => ({
  id: controlsOf(model).random,
  label: 'random AN-UNet',
  model,
  arm: 'random',
  change: {},
});

/** The method as the paper's tables have it by default: AN-UNet, λ = 1e-3, the mixture. */
export const unetRow = (model: string, label: string, published?: Published): Row => ({
  ...trainedRow(model, 'unet', label, {}),
  published,
});

export const trainedRow = (model: string, name: string, label: string, change: Change): Row => ({
  id: `${model}-${name}`,
  label,
  model,
  arm: 'trained',
  change,
  controls: controlsOf(model),
});

/** The plain network made uniformly narrower to what the default row keeps. */
export const narrowRow = (model: string): Row => ({
  id: controlsOf(model).narrow,
  label: 'narrower plain NN',
  model,
  arm: 'narrow',
  change: {},
  narrowOf: `${model}-unet`,
});

/** The recipe of this project at the size that the default row keeps. `change` makes it of the paper's. */
export const ownRow = (model: string, change: Change): Row => ({
  ...trainedRow(model, 'astrogpu', 'recipe astrogpu', change),
  keepsAs: `${model}-unet`,
  beyondPaper: true,
});

/** The settings that come out otherwise, but for the arms, which are the row's. */
export function changeTo(config: JobConfig, base: JobConfig): Change {
  const names = (Object.keys({ ...base, ...config }) as (keyof JobConfig)[]).filter((name) => name !== 'arms');
  return Object.fromEntries(
    names.flatMap((name) =>
      JSON.stringify(config[name]) === JSON.stringify(base[name]) ? [] : [[name, config[name]]],
    ),
  );
}

/** Names the model in every label, for tables of several. */
export const named = (rows: Row[], name: string): Row[] =>
  rows.map((row) => ({ ...row, label: `${name}, ${row.label}` }));

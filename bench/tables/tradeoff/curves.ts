// The kinds of networks that the trade-off compares: a line of the picture each, and what each must be held against.
import type { Row } from '../../common/runs/row.ts';

/** Networks that belong together. */
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

export const PLAIN: Curve = { id: 'narrow', label: 'plain, narrower', name: 'the narrower network', color: 0 };

/** What decides which gates stay. */
export type Rule = Extract<Row['arm'], 'magnitude' | 'random' | 'trained'>;

const RULES: Record<Rule, { label: string; name: string; color: number; rivals: readonly Rule[] }> = {
  magnitude: { label: 'largest weights', name: 'the rule of the largest weights', color: 1, rivals: [] },
  // By the recipe its last layer starts at zero: nothing of it is random.
  random: { label: 'untrained AN', name: 'the untrained astrocyte', color: 3, rivals: ['magnitude'] },
  trained: { label: 'trained AN', name: 'the trained AstroNet', color: 2, rivals: ['random', 'magnitude'] },
};

export const rules = Object.keys(RULES) as Rule[];

/** Gates of single connections, or of channels in groups: the latter are what compaction makes faster. */
export function gatedCurve(rule: Rule, grouped = false): Curve {
  const { label, name, color, rivals } = RULES[rule];
  if (!grouped) return { id: rule, label, name, color, rivals: [PLAIN.id, ...rivals] };
  return {
    id: `group-${rule}`,
    label: `${label}, channels`,
    name: `${name} over groups of channels`,
    color,
    dashed: true,
    rivals: [PLAIN.id, ...rivals.map((rival) => `group-${rival}`)],
  };
}

export const PAPER: Curve = {
  id: 'paper',
  label: 'recipe paper, trained AN',
  name: "the paper's recipe",
  color: 4,
  rivals: [PLAIN.id, 'trained'],
};

// The kinds of networks that the trade-off compares: a line of the picture each, and what each must be held against.
import type { TrainOptions } from 'astrogpu/cli';
import type { Row } from '../../common/runs/row.ts';

/** Networks that belong together. */
export interface Curve {
  id: string;
  /** In the picture and in the table. */
  label: string;
  /** In a sentence. */
  name: string;
  /** What these networks are, for a reader who knows neither. */
  what: string;
  /** Place of its color in the palette. */
  color: number;
  dashed?: boolean;
  /** The curves that its points are compared with at the same size, the harder first. */
  rivals?: readonly string[];
}

export const PLAIN: Curve = {
  id: 'narrow',
  label: 'plain, narrower',
  name: 'the narrower network',
  what: 'no gates; all widths by one factor, the largest at which it has no more parameters than asked for, so that it is mostly a little smaller than the others of its size',
  color: 0,
};

/** What decides which gates stay. */
export type Rule = 'magnitude' | 'random' | 'trained' | 'start';

interface RuleCurve extends Omit<Curve, 'id' | 'rivals' | 'dashed'> {
  arm: Extract<Row['arm'], 'magnitude' | 'random' | 'trained'>;
  rivals: readonly Rule[];
  /** How its networks differ from the recipe. */
  options?: TrainOptions;
}

/** In the order in which they are trained. */
export const RULES: Record<Rule, RuleCurve> = {
  magnitude: {
    arm: 'magnitude',
    label: 'largest weights',
    name: 'the rule of the largest weights',
    what: 'no astrocyte: gates are 1, and those of the smallest mean |W|, in terms of their layer, are cut by the same schedule',
    color: 1,
    rivals: [],
  },
  random: {
    arm: 'random',
    label: 'random AN',
    name: 'an astrocyte of random values',
    what: 'an astrocyte of the same recipe with random values in all its layers, the last one too, that nothing has trained',
    color: 3,
    rivals: ['magnitude'],
    options: { zeroInit: false },
  },
  trained: {
    arm: 'trained',
    label: 'trained AN',
    name: 'the trained AstroNet',
    what: 'an astrocyte from a search',
    color: 2,
    rivals: ['random', 'start', 'magnitude'],
  },
  start: {
    arm: 'random',
    label: 'untrained AN',
    name: 'the astrocyte as it is before its search',
    what: 'what the trained AN starts as, without the search: its last layer is zero, so that its gates are a soft order of |W|, no random one',
    color: 5,
    rivals: ['magnitude'],
  },
};

export const rules = Object.keys(RULES) as Rule[];

/** Gates of single connections, or of so many channels together: the latter are what compaction makes faster. */
export function gatedCurve(rule: Rule, channels?: number): Curve {
  const { arm: _, options: __, rivals, ...curve } = RULES[rule];
  if (channels === undefined) return { ...curve, id: rule, rivals: [PLAIN.id, ...rivals] };
  return {
    id: groupId(rule),
    label: `${curve.label}, by ${channels} channels`,
    name: `${curve.name} over groups of ${channels} channels`,
    what: `as ${curve.label}, with one gate for ${channels} channels side by side, which compaction takes out together`,
    color: curve.color,
    dashed: true,
    rivals: [PLAIN.id, ...rivals.map(groupId)],
  };
}

const groupId = (rule: Rule): string => `group-${rule}`;

export const PAPER: Curve = {
  id: 'paper',
  label: 'recipe paper, trained AN',
  name: "the paper's recipe",
  what: 'all as the paper has it, with a search of its own; by a threshold, or beyond the paper by a part of the gates, which is not the same part of the parameters',
  color: 4,
  rivals: [PLAIN.id, 'trained'],
};

/** As they may be asked for. */
export const curveNames: readonly string[] = [PLAIN.id, ...rules, ...rules.map(groupId), PAPER.id];

// Table 4, ours: which reading of what the paper leaves open works. A reading that changes the gates has a random AN and a thinner network of its own, for
// a network of which more is kept is better by that alone.
import { cutThreshold, type JobConfig } from 'astrogpu/train';
import {
  type Change,
  controlsOf,
  plainRow,
  type Row,
  randomRow,
  type TablePlan,
  thinRow,
  unetRow,
} from '../common/runs/row.ts';

interface PaperReading {
  name: string;
  label: string;
  change: Change;
  beyondPaper?: boolean;
  /** Part of the small version. */
  quick?: boolean;
}

const READINGS: PaperReading[] = [
  { name: 'compound', label: 'compound', change: { gate: { mode: 'compound' } }, quick: true },
  { name: 'filter', label: 'gate filter', change: { gate: { kind: 'filter' } } },
  { name: 'channel', label: 'gate channel', change: { gate: { kind: 'channel' } }, beyondPaper: true, quick: true },
  { name: 'shift-2', label: 'shift +2', change: { gate: { shift: 2 } }, beyondPaper: true },
  { name: 'shift-4', label: 'shift +4', change: { gate: { shift: 4 } }, beyondPaper: true },
  {
    name: 'keep-68',
    label: 'keep 0.68, shift +2',
    change: { guide: { keep: 0.68 }, gate: { shift: 2 } },
    beyondPaper: true,
    quick: true,
  },
  {
    name: 'keep-90',
    label: 'keep 0.9, shift +4',
    change: { guide: { keep: 0.9 }, gate: { shift: 4 } },
    beyondPaper: true,
    quick: true,
  },
  {
    name: 'filter-80',
    label: 'gate filter, keep 0.8',
    change: { guide: { keep: 0.8 }, gate: { kind: 'filter' } },
    beyondPaper: true,
    quick: true,
  },
  {
    name: 'skip-68',
    label: 'skip of |W|, keep 0.68, shift +2',
    change: { guide: { keep: 0.68 }, gate: { absolute: true, skip: 1, shift: 2 } },
    beyondPaper: true,
    quick: true,
  },
  {
    name: 'filter-skip-80',
    label: 'gate filter, skip of |W|, keep 0.8',
    change: { guide: { keep: 0.8 }, gate: { kind: 'filter', absolute: true, skip: 1 } },
    beyondPaper: true,
  },
  { name: 'every-1', label: 'guideEvery 1', change: { guide: { guideEvery: 1 } } },
  { name: 'every-10', label: 'guideEvery 10', change: { guide: { guideEvery: 10 } }, beyondPaper: true },
  { name: 'every-50', label: 'guideEvery 50', change: { guide: { guideEvery: 50 } }, beyondPaper: true },
  { name: 'held-10', label: 'held-out 0.1', change: { search: { heldOut: 0.1 } } },
  { name: 'held-50', label: 'held-out 0.5', change: { search: { heldOut: 0.5 } } },
  { name: 'relu', label: 'U relu', change: { gate: { activation: 'relu' } } },
  { name: 'hard', label: 'U hard', change: { gate: { activation: 'hard' } } },
  { name: 'settle-50', label: 'settle 0.5', change: { guide: { settle: 0.5 } } },
  { name: 'scale', label: 'sees the scale of the norm, too', change: { gate: { see: 'scale' } }, beyondPaper: true },
  { name: 'gradient', label: 'sees the gradient, too', change: { gate: { see: 'gradient' } }, beyondPaper: true },
  { name: 'budget', label: 'budget 0.1', change: { search: { budget: 0.1 } }, beyondPaper: true },
  { name: 'through', label: 'through', change: { gate: { through: true } } },
];

/** `base` decides which reading is the baseline's own; `quick` takes the subset. */
export function table4(base: JobConfig, { quick }: { quick: boolean }): TablePlan {
  const { model } = base;
  const readings = READINGS.filter((reading) => (!quick || reading.quick) && differs(reading.change, base));
  return {
    name: 'table-4',
    title: `Table 4: readings of what the paper leaves open${quick ? ', a part of them' : ''}`,
    published: false,
    rows: [
      plainRow(model),
      { ...randomRow(model), label: 'baseline, random AN' },
      unetRow(model, 'baseline'),
      { ...thinRow(model), label: 'baseline, thinner plain NN' },
      ...readings.flatMap((reading) => readingRows(model, reading)),
    ],
    notes: [
      `The baseline has ${readingOf(base)}. Each reading changes what its name says, and nothing else.`,
      'Every reading is compared with a random AN under the same reading (one for all that change the search alone) and with a plain network thinned to what that reading keeps.',
      'Where structural is below kept (whole channels go), the thinner network has more parameters than compaction leaves: the harder control.',
      'Rows marked "beyond the paper" are ours.',
      ...(quick ? ['A part of the readings: without --quick there are all.'] : []),
    ],
  };
}

function readingOf(base: JobConfig): string {
  const { gate, guide, search } = base;
  return [
    `${gate.kind} gates`,
    gate.mode,
    `U ${gate.activation}`,
    `shift ${gate.shift}`,
    guide.keep === undefined ? `threshold ${cutThreshold(base)}` : `keep ${guide.keep}`,
    `settle ${guide.settle}`,
    `held-out ${search.heldOut}`,
    `guideEvery ${guide.guideEvery}`,
    `updates at ${search.updates === 'each' ? 'each t' : 't = T'}`,
  ].join(', ');
}

function differs(change: Change, base: JobConfig): boolean {
  return (['search', 'guide', 'gate'] as const).some((part) =>
    Object.entries(change[part] ?? {}).some(
      ([name, value]) => (base[part] as unknown as Record<string, unknown>)[name] !== value,
    ),
  );
}

function readingRows(model: string, { name, label, change, beyondPaper }: PaperReading): Row[] {
  const { search: _search, gate: { through: _through, ...gate } = {}, guide = {} } = change;
  // The random AN has no search: where nothing else changes, the baseline's is the same run.
  const shared = Object.keys({ ...gate, ...guide }).length === 0;
  const id = `${model}-${name}`;
  const { plain, random: base } = controlsOf(model);
  const random = shared ? base : `${id}-random`;
  const thin = `${id}-thin`;
  const rows: Row[] = [
    { id, label, model, arm: 'trained', change, controls: { plain, random, thin }, beyondPaper },
    { id: thin, label: `${label}, thinner plain NN`, model, arm: 'thin', change: {}, thinOf: id },
  ];
  if (!shared)
    rows.unshift({
      id: random,
      label: `${label}, random AN`,
      model,
      arm: 'random',
      change: { guide, gate },
      beyondPaper,
    });
  return rows;
}

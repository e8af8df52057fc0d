// A table of ours: which reading of what the paper leaves open works. A reading that changes the gates has a random AN and a narrower network of its own, for
// a network of which more is kept is better by that alone.
import { cutThreshold, JOB_OPTIONS, type JobConfig } from 'astrogpu/train';
import {
  type Change,
  controlsOf,
  narrowRow,
  plainRow,
  type Row,
  randomRow,
  type TablePlan,
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

/** Gates that start as the order of |W|. */
const SKIP: Change = { keep: 0.68, absolute: true, logitSkipScale: 1, shift: 2 };

const READINGS: readonly PaperReading[] = [
  { name: 'compound', label: 'compound', change: { mode: 'compound' }, quick: true },
  { name: 'filter', label: 'gate filter', change: { gate: 'filter' } },
  { name: 'channel', label: 'gate channel', change: { gate: 'channel' }, beyondPaper: true, quick: true },
  { name: 'shift-2', label: 'shift +2', change: { shift: 2 }, beyondPaper: true },
  { name: 'shift-4', label: 'shift +4', change: { shift: 4 }, beyondPaper: true },
  {
    name: 'keep-68',
    label: 'keep 0.68, shift +2',
    change: { keep: 0.68, shift: 2 },
    beyondPaper: true,
    quick: true,
  },
  {
    name: 'keep-90',
    label: 'keep 0.9, shift +4',
    change: { keep: 0.9, shift: 4 },
    beyondPaper: true,
    quick: true,
  },
  {
    name: 'filter-80',
    label: 'gate filter, keep 0.8',
    change: { keep: 0.8, gate: 'filter' },
    beyondPaper: true,
    quick: true,
  },
  {
    name: 'skip-68',
    label: 'skip of |W|, keep 0.68, shift +2',
    change: SKIP,
    beyondPaper: true,
    quick: true,
  },
  {
    name: 'filter-skip-80',
    label: 'gate filter, skip of |W|, keep 0.8',
    change: { keep: 0.8, gate: 'filter', absolute: true, logitSkipScale: 1 },
    beyondPaper: true,
  },
  {
    name: 'zero-68',
    label: 'skip of |W| from zero, keep 0.68, shift +2',
    change: { ...SKIP, zeroInit: true },
    beyondPaper: true,
  },
  {
    name: 'axial-68',
    label: 'axial, skip of |W| from zero, keep 0.68, shift +2',
    change: { ...SKIP, zeroInit: true, an: 'axial' },
    beyondPaper: true,
  },
  {
    name: 'taylor-68',
    label: 'sees Taylor terms, skip of |W| from zero, keep 0.68, shift +2',
    change: { ...SKIP, zeroInit: true, input: 'taylor' },
    beyondPaper: true,
  },
  {
    name: 'layer-68',
    label: 'ranked by layer, skip of |W|, keep 0.68, shift +2',
    change: { ...SKIP, ranking: 'layer' },
    beyondPaper: true,
  },
  {
    name: 'strength-68',
    label: 'ranked by P · |W|, skip of |W|, keep 0.68, shift +2',
    change: { ...SKIP, ranking: 'strength' },
    beyondPaper: true,
  },
  {
    name: 'binary-68',
    label: 'binary gates, skip of |W|, keep 0.68, shift +2',
    change: { ...SKIP, gateValues: 'binary' },
    beyondPaper: true,
  },
  {
    name: 'structure-68',
    label: 'search under the structure, skip of |W|, keep 0.68, shift +2',
    change: { ...SKIP, searchStructure: true },
    beyondPaper: true,
  },
  { name: 'every-1', label: 'guideEvery 1', change: { guideEvery: 1 } },
  { name: 'every-10', label: 'guideEvery 10', change: { guideEvery: 10 }, beyondPaper: true },
  { name: 'every-50', label: 'guideEvery 50', change: { guideEvery: 50 }, beyondPaper: true },
  { name: 'held-10', label: 'held-out 0.1', change: { heldOut: 0.1 } },
  { name: 'held-50', label: 'held-out 0.5', change: { heldOut: 0.5 } },
  { name: 'relu', label: 'U relu', change: { u: 'relu' } },
  { name: 'hard', label: 'U hard', change: { u: 'hard' } },
  { name: 'temperature-50', label: 'temperature 0.5', change: { temperature: 0.5 }, beyondPaper: true },
  { name: 'settle-50', label: 'settle 0.5', change: { settle: 0.5 } },
  { name: 'scale', label: 'sees the scale of the norm, too', change: { input: 'scale' }, beyondPaper: true },
  { name: 'gradient', label: 'sees the gradient, too', change: { input: 'gradient' }, beyondPaper: true },
  { name: 'budget', label: 'budget 0.1', change: { sparsityWeight: 0.1 }, beyondPaper: true },
  { name: 'through', label: 'through', change: { backpropThroughGates: true } },
];

/** What goes by the baseline. */
const ofBase = ({ searchEpochs }: JobConfig): PaperReading[] => [
  {
    name: 'search-3',
    label: `three times the search (${3 * searchEpochs} epochs)`,
    change: { searchEpochs: 3 * searchEpochs },
  },
];

/** `base` decides which reading is the baseline's own; `quick` takes the subset. */
export function readingsTable(base: JobConfig, { quick }: { quick: boolean }): TablePlan {
  const { model } = base;
  // The random AN has no search: where nothing else changes, it is the baseline's, or that of a reading before.
  const randoms = new Map([['{}', controlsOf(model).random]]);
  const readings = [...READINGS, ...ofBase(base)].filter(
    (reading) => (!quick || reading.quick) && differs(reading.change, base),
  );
  return {
    name: 'readings',
    title: `Readings of what the paper leaves open${quick ? ', a part of them' : ''}`,
    published: false,
    rows: [
      plainRow(model),
      { ...randomRow(model), label: 'baseline, random AN' },
      unetRow(model, 'baseline'),
      { ...narrowRow(model), label: 'baseline, narrower plain NN' },
      ...readings.flatMap((reading) => readingRows(model, reading, randoms)),
    ],
    notes: [
      `The baseline has ${readingOf(base)}. Each reading changes what its name says, and nothing else.`,
      'Every reading is compared with a random AN under the same reading (one for all that change the search alone) and with a plain network narrowed to what that reading keeps.',
      'Where structural is below kept (whole channels go), the narrower network has more parameters than compaction leaves: the harder control.',
      'Rows marked "beyond the paper" are ours.',
      ...(quick ? ['A part of the readings: without --quick there are all.'] : []),
    ],
  };
}

function readingOf(base: JobConfig): string {
  const { gate, mode, u, shift, keep, settle, heldOut, guideEvery, updates } = base;
  return [
    `${gate} gates`,
    mode,
    `U ${u}`,
    `shift ${shift}`,
    keep === undefined ? `threshold ${cutThreshold(base)}` : `keep ${keep}`,
    `settle ${settle}`,
    `held-out ${heldOut}`,
    `guideEvery ${guideEvery}`,
    `updates at ${updates === 'each' ? 'each t' : 't = T'}`,
  ].join(', ');
}

const differs = (change: Change, base: JobConfig): boolean =>
  Object.entries(change).some(([name, value]) => base[name as keyof JobConfig] !== value);

/** `randoms` are the rows of random ANs that there are, by what they change. */
function readingRows(
  model: string,
  { name, label, change, beyondPaper }: PaperReading,
  randoms: Map<string, string>,
): Row[] {
  const guided = Object.fromEntries(
    Object.entries(change).filter(([option]) => JOB_OPTIONS[option as keyof JobConfig].group !== 'search'),
  );
  const id = `${model}-${name}`;
  const { plain } = controlsOf(model);
  const shared = randoms.get(JSON.stringify(guided));
  const random = shared ?? `${id}-random`;
  const narrow = `${id}-narrow`;
  const rows: Row[] = [
    { id, label, model, arm: 'trained', change, controls: { plain, random, narrow }, beyondPaper },
    { id: narrow, label: `${label}, narrower plain NN`, model, arm: 'narrow', change: {}, narrowOf: id },
  ];
  if (shared !== undefined) return rows;
  randoms.set(JSON.stringify(guided), random);
  const made = `${label}, ${guided.zeroInit ? 'untrained' : 'random'} AN`;
  return [{ id: random, label: made, model, arm: 'random', change: guided, beyondPaper }, ...rows];
}

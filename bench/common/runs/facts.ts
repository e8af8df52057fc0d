// What stands above every table and figure: how it was made, and what a reader must know before believing a number of it.
import { formatCount } from 'astrogpu/report';
import type { JobConfig } from 'astrogpu/train';
import { epochs, smallness } from './size.ts';

export interface Facts {
  command: string;
  date: string;
  adapter: { description: string; software: boolean };
  /** With how many images there are. */
  data: { source: string; standIn: boolean; train: number; test: number };
  quick: boolean;
  /** Runs of each row. */
  seeds: number;
  base: JobConfig;
}

/** Of which images each seed draws some for itself: those of which fewer than all are used. */
const drawnSets = ({ base, data }: Facts): string[] => [
  ...(base.images < data.train ? ['training'] : []),
  ...(base.testImages < data.test ? ['test'] : []),
];

/** Are all seeds tested on the same images? */
export const sharesTestImages = (facts: Facts): boolean => !drawnSets(facts).includes('test');

/** In bold, first. */
export function marksOf({ quick, base, data }: Facts): string[] {
  const marks: string[] = [];
  const small = smallness(base);
  if (small.length > 0)
    marks.push(
      quick
        ? `SMALL VERSION (--quick): ${small.join(', ')}. It shows that the command runs; its accuracies do not judge the method, and cannot be compared with the paper's.`
        : `SMALLER THAN THE PAPER: ${small.join(', ')}. What it says holds at this size; its accuracies cannot be compared with the paper's.`,
    );
  if (data.standIn)
    marks.push('STAND-IN DATA, NOT CIFAR-10: the accuracies cannot be compared with any published figure.');
  return marks;
}

export function factsOf(facts: Facts): string[] {
  const { date, adapter, data, seeds, base } = facts;
  const { model, width, images, testImages, batch, lr, weightDecay, labelSmoothing, precision } = base;
  const { phase, gate, mode, T, u, shift } = base;
  const drawn = drawnSets(facts).join(' and ');
  const used = (count: number, of: number): string =>
    count < of ? `${formatCount(count)} of ${formatCount(of)}` : formatCount(count);
  const steps = base.epochs * Math.floor(images / Math.min(images, batch));
  const guided = `guide ${epochs(base.epochs)} (${formatCount(steps)} NN updates), gates every ${base.guideEvery} updates, settle ${base.settle}`;
  const searched = `search ${epochs(base.searchEpochs)}, held-out ${base.heldOut}, λ = ${base.lambda}, updates ${base.updates === 'each' ? 'at each t' : 'at t = T'}`;
  return [
    `Date: ${date}`,
    `Adapter: ${adapter.description}${adapter.software ? ' (SOFTWARE ADAPTER)' : ''}`,
    `Data: ${data.source}; ${used(images, data.train)} training and ${used(testImages, data.test)} test images, ${drawn ? `the same for all rows of a seed; each seed draws ${drawn} images of its own` : 'the same for all seeds'}`,
    `Seeds: ${seeds === 1 ? '1' : `1 to ${seeds}`}, of ${drawn ? `which ${drawn} images are used, ` : ''}initialization, shuffling, augmentation and the search's split`,
    [
      `Base: ${model}${width === 1 ? '' : ` at ${width} of its width`}, ${precision}, batches of ${batch} images, peak rate ${lr}, weight decay ${weightDecay}${labelSmoothing > 0 ? `, label smoothing ${labelSmoothing}` : ''}`,
      ...(phase.includes('guide') ? [guided] : []),
      searched,
      `${gate} gates, ${mode}, T = ${T}, U ${u}, shift ${shift}`,
    ].join('; '),
  ];
}

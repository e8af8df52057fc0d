// What stands above every table and figure: how it was made, and what a reader must know before believing a number of it.
import { formatCount } from 'astrogpu/report';
import type { JobConfig } from 'astrogpu/train';
import { epochs, smallness } from './size.ts';

export interface Facts {
  command: string;
  date: string;
  adapter: { description: string; software: boolean };
  data: { source: string; standIn: boolean };
  quick: boolean;
  /** Runs of each row. */
  seeds: number;
  base: JobConfig;
}

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

export function factsOf({ date, adapter, data, seeds, base }: Facts): string[] {
  const { model, images, testImages, batch, lr, precision, phase, gate, mode, T, u, shift } = base;
  const steps = base.epochs * Math.floor(images / Math.min(images, batch));
  const guided = `guide ${epochs(base.epochs)} (${formatCount(steps)} NN updates), gates every ${base.guideEvery} updates, settle ${base.settle}`;
  const searched = `search ${epochs(base.searchEpochs)}, held-out ${base.heldOut}, λ = ${base.lambda}, updates ${base.updates === 'each' ? 'at each t' : 'at t = T'}`;
  return [
    `Date: ${date}`,
    `Adapter: ${adapter.description}${adapter.software ? ' (SOFTWARE ADAPTER)' : ''}`,
    `Data: ${data.source}; ${formatCount(images)} training and ${formatCount(testImages)} test images, the same for all seeds`,
    `Seeds: ${seeds === 1 ? '1' : `1 to ${seeds}`}, of initialization, shuffling, augmentation and the search's split`,
    [
      `Base: ${model}, ${precision}, batches of ${batch} images, peak rate ${lr}`,
      ...(phase.includes('guide') ? [guided] : []),
      searched,
      `${gate} gates, ${mode}, T = ${T}, U ${u}, shift ${shift}`,
    ].join('; '),
  ];
}

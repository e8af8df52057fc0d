// What a reader of a run's table must know beside its numbers.
import type { JobConfig } from '../../train/index.ts';

export function notes({ precision, search, guide, gate, phases, arms }: JobConfig): string[] {
  const list: string[] = [];
  if (precision === 'f16')
    list.push('Mixed precision: the task network computes in f16 with sums in f32; parameters and updates are f32.');
  if (arms.length > 1)
    list.push('All arms have the same number of NN updates, the same data, augmentation, seed and initial weights.');
  if (arms.includes('random') && arms.includes('trained'))
    list.push('The random AN is the trained one before its training.');
  if (phases.includes('search'))
    list.push(
      `The search (${search.epochs} epoch${search.epochs === 1 ? '' : 's'}, T = ${gate.T}) trained another network beside the astrocyte; its updates are not in the table.`,
    );
  if (guide.keep !== undefined || gate.shift !== 0)
    list.push('Beyond the paper: a kept fraction or a shifted start of the gates was asked for.');
  return list;
}

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
  const beyond = [
    guide.keep !== undefined && `a kept fraction of ${guide.keep}`,
    gate.shift !== 0 && `gates that start shifted by ${gate.shift}`,
    gate.skip !== 0 && `${gate.skip} times its feature in the logit of each gate`,
    gate.see !== 'weights' && `an astrocyte that sees more than weights (${gate.see})`,
    search.budget !== 0 && `a weight of ${search.budget} on the mean of P`,
  ].filter((what) => what !== false);
  if (beyond.length > 0) list.push(`Beyond the paper: ${beyond.join('; ')}.`);
  return list;
}

// One line on what the table of a run means: AstroNet beside each other arm, and whether more than the choice of test images lies between them.
import { sizeOf } from '../tables/arms.ts';
import { formatPercent } from '../tables/format.ts';
import { type PairedShares, pairedShares } from '../tables/paired.ts';
import type { ArmResult, RunReport } from '../types.ts';

/** The first of these that a run has is what is compared, with those of `RIVALS`, the most telling first. */
const SUBJECTS = ['trained', 'random', 'magnitude'] as const;
const RIVALS = ['narrow', 'magnitude', 'random', 'paper', 'plain'] as const;

/** The line; undefined where a run has no arm with gates, or none to compare it with. */
export function verdict({ arms, data }: Pick<RunReport, 'arms' | 'data'>): string | undefined {
  const byRole = (role: ArmResult['role']): ArmResult | undefined =>
    arms.find((arm) => arm.role === role && arm.answers !== undefined);
  const own = SUBJECTS.map(byRole).find(Boolean);
  const rivals = RIVALS.map(byRole).filter((arm): arm is ArmResult => arm !== undefined && arm !== own);
  if (!own || rivals.length === 0 || data.testImages === 0) return undefined;
  const sized = (arm: ArmResult): string =>
    `${formatPercent(arm.accuracy, 1)} with ${formatPercent(sizeOf(arm) / own.parametersTotal, 0)}`;
  const compared = rivals.map((rival) => ({
    rival,
    found: pairedShares(own.answers!, rival.answers!, data.testImages),
  }));
  const said = (heading: string, beyond: boolean): string[] => {
    const some = compared.filter(({ found }) => Math.abs(found.difference) > found.half === beyond);
    const list = some.map(({ rival, found }) => `${points(found)} against ${rival.arm} (${sized(rival)})`);
    return list.length > 0 ? [`${heading}: ${list.join(', ')}.`] : [];
  };
  return [
    `${own.role === 'trained' ? 'AstroNet' : own.arm}: ${sized(own)} of the parameters.`,
    ...said('Beyond what the choice of test images explains', true),
    ...said('Within what the choice of test images explains', false),
    ...(data.standIn ? ['The images are drawn, and say nothing of photographs.'] : []),
    'One seed says nothing of other seeds.',
  ].join(' ');
}

/** `+2.3 points ± 1.4`. */
function points({ difference, half }: PairedShares): string {
  const tenths = (share: number): string => (100 * Math.abs(share)).toFixed(1);
  return `${difference < 0 ? '−' : '+'}${tenths(difference)} points ± ${tenths(half)}`;
}

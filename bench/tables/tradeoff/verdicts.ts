// What the trade-off says, in sentences that follow from the intervals and from nothing else.
import { type Difference, formatPercent, formatRatio } from 'astrogpu/report';
import { points, spread } from '../output.ts';
import { PLAIN } from './curves.ts';
import { differenceOf, type TradeoffPoint } from './summary.ts';

/** `2.1 points [0.9, 3.3] above the narrower network`; what an interval around 0 holds is not told apart. */
export function relation({ mean, low, high, n }: Difference, name: string): string {
  const short = (value: number): string => Math.abs(value).toFixed(1);
  const signed = (value: number): string => points(value, 1);
  if (low === undefined || high === undefined) return `${signed(mean)} points to ${name} (${n} seed: no interval)`;
  if (low <= 0 && high >= 0) return `not told from ${name} (${signed(mean)} [${signed(low)}, ${signed(high)}])`;
  const [near, far] = [low, high].map(short).sort((a, b) => Number(a) - Number(b));
  return `${short(mean)} points [${near}, ${far}] ${mean > 0 ? 'above' : 'below'} ${name}`;
}

/** `a, b and c` */
const listed = (items: readonly string[]): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')}, and ${items.at(-1)}`;

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Those of one size that a point is compared with. */
export const rivalsOf = ({ row: { curve, kept } }: TradeoffPoint, all: readonly TradeoffPoint[]): TradeoffPoint[] =>
  kept === undefined
    ? []
    : (curve.rivals ?? []).flatMap((id) => all.find(({ row }) => row.curve.id === id && row.kept === kept) ?? []);

/** A sentence for each size and curve that has something to be compared with. */
export function verdictsOf(all: readonly TradeoffPoint[]): string[] {
  const whole = all.find(({ row }) => row.kept === 1);
  const gated = all
    .filter(({ row, accuracy }) => row.curve.id !== PLAIN.id && accuracy.n > 0)
    .toSorted((a, b) => (b.row.kept ?? 0) - (a.row.kept ?? 0));
  const sentences = gated.flatMap((point) => {
    const relations = [...rivalsOf(point, all), ...(whole ? [whole] : [])].flatMap((rival) => {
      const difference = differenceOf(point, rival);
      const name = rival === whole ? 'the whole plain network' : rival.row.curve.name;
      return difference ? [relation(difference, name)] : [];
    });
    const { row, share } = point;
    const part = formatPercent(share!, 0);
    const place =
      row.kept === undefined ? `At its threshold (${part} of the parameters)` : `At ${part} of the parameters`;
    return relations.length === 0 ? [] : [`${place} ${row.curve.name} is ${listed(relations)}.`];
  });
  return [...sentences, ...all.flatMap(fasterOf)];
}

/** Of compacted networks that need another time than the whole one. */
function fasterOf({ row, share, time, accuracy }: TradeoffPoint): string[] {
  if (!time || row.curve.id === PLAIN.id || (time.low <= 1 && time.high >= 1)) return [];
  return [
    `${capital(row.curve.name)} at ${formatPercent(share!, 0)} of the parameters, compacted, takes ${formatRatio(time)} of the whole network's time, at ${spread(accuracy.mean, accuracy.std)} % accuracy.`,
  ];
}

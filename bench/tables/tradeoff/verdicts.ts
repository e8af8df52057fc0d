// What the trade-off says, in sentences that follow from the intervals and from nothing else.
import { type Difference, formatPercent, formatRatio } from 'astrogpu/report';
import { points, spread } from '../output.ts';
import { PLAIN } from './curves.ts';
import { percent } from './rows.ts';
import { bySize, differenceOf, type TradeoffPoint } from './summary.ts';

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

/** Those that a point is compared with: those that were to keep as much, and for one of which nothing said how much the nearest in size. */
export function rivalsOf({ row, share }: TradeoffPoint, all: readonly TradeoffPoint[]): TradeoffPoint[] {
  const { curve, kept } = row;
  return (curve.rivals ?? []).flatMap((id) => {
    const rivals = all.filter(({ row }) => row.curve.id === id && row.kept !== 1);
    return (kept === undefined ? nearest(share, rivals) : rivals.find(({ row }) => row.kept === kept)) ?? [];
  });
}

/** By the ratio of sizes. */
function nearest(share: number | undefined, points: readonly TradeoffPoint[]): TradeoffPoint | undefined {
  if (share === undefined) return undefined;
  const away = (point: TradeoffPoint): number => Math.abs(Math.log(point.share! / share));
  return points.filter(({ share }) => share !== undefined).toSorted((a, b) => away(a) - away(b))[0];
}

/** In one decimal, by which a narrower network is told from what gates left. */
export const shareText = ({ share }: TradeoffPoint): string => formatPercent(share!, 1);

function placeOf(point: TradeoffPoint): string {
  const { kept, change } = point.row;
  const part = `${shareText(point)} of the parameters`;
  if (kept !== undefined) return `At ${part}`;
  return change.keep === undefined
    ? `At its threshold (${part})`
    : `With ${percent(change.keep)} % of the gates (${part})`;
}

/** A sentence for each size and curve that has something to be compared with. */
export function verdictsOf(all: readonly TradeoffPoint[]): string[] {
  const whole = all.find(({ row }) => row.kept === 1);
  const gated = all.filter(({ row, accuracy }) => row.curve.id !== PLAIN.id && accuracy.n > 0).toSorted(bySize);
  const sentences = gated.flatMap((point) => {
    const relations = [...rivalsOf(point, all), ...(whole ? [whole] : [])].flatMap((rival) => {
      const difference = differenceOf(point, rival);
      if (!difference) return [];
      const { name } = rival.row.curve;
      const size = shareText(rival) === shareText(point) ? '' : ` at ${shareText(rival)}`;
      return [relation(difference, rival === whole ? 'the whole plain network' : name + size)];
    });
    return relations.length === 0 ? [] : [`${placeOf(point)} ${point.row.curve.name} is ${listed(relations)}.`];
  });
  return [...sentences, ...all.flatMap(fasterOf)];
}

/** Of compacted networks that need another time than the whole one. */
function fasterOf(point: TradeoffPoint): string[] {
  const { row, time, accuracy } = point;
  if (!time || row.curve.id === PLAIN.id || (time.low <= 1 && time.high >= 1)) return [];
  return [
    `${capital(row.curve.name)} at ${shareText(point)} of the parameters, compacted, takes ${formatRatio(time)} of the whole network's time, at ${spread(accuracy.mean, accuracy.std)} % accuracy.`,
  ];
}

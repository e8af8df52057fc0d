// Values as text, in NumPy's form: nested brackets, columns aligned, long arrays cut short.
import type { Shape } from './shape.ts';

/** How values are written. */
export interface TextOptions {
  /** Digits behind the point at most. Default 8; fewer where fewer tell a value from its neighbors. */
  precision?: number;
  /** Elements from which only the ends of each axis are shown. Default 1,000. */
  threshold?: number;
  /** Elements shown at each end. Default 3. */
  edge?: number;
  /** Characters of a line. Default 75. */
  width?: number;
}

/** Numbers in lists, as deep as their shape. */
export type Nested = number | Nested[];

/** Flat values as nested lists; of a shape without sides, the number. */
export function nested(values: ArrayLike<number>, shape: Shape, from = 0, axis = 0): Nested {
  if (axis === shape.length) return values[from];
  const step = shape.slice(axis + 1).reduce((product, n) => product * n, 1);
  return Array.from({ length: shape[axis] }, (_, i) => nested(values, shape, from + i * step, axis + 1));
}

/** Flat values as text. `round` gives the nearest value that the dtype holds, so that no more digits are written than it has; without it they are integers. */
export function valuesText(
  values: ArrayLike<number>,
  shape: Shape,
  round?: (value: number) => number,
  { precision = 8, threshold = 1000, edge = 3, width = 75 }: TextOptions = {},
): string {
  const short = values.length > threshold;
  /** Places along an axis that are shown; undefined where some are left out. */
  const places = (n: number): (number | undefined)[] =>
    short && n > 2 * edge
      ? Array.from({ length: 2 * edge + 1 }, (_, i) => (i === edge ? undefined : i < edge ? i : n - 1 - 2 * edge + i))
      : Array.from({ length: n }, (_, i) => i);
  const shown: number[] = [];
  const gather = (from: number, axis: number): void => {
    if (axis === shape.length) shown.push(values[from]);
    else for (const i of places(shape[axis])) if (i !== undefined) gather(from + i * stepOf(shape, axis), axis + 1);
  };
  if (values.length === 0) return '[]';
  gather(0, 0);
  const write = round ? floatWriter(shown, round, precision) : integerWriter(shown);
  /** `room` is what is left of a line behind the brackets that will close. */
  const part = (from: number, axis: number, room: number): string => {
    if (axis === shape.length) return write(values[from]);
    const indent = ' '.repeat(axis + 1);
    const parts = places(shape[axis]).map((i) =>
      i === undefined ? '...' : part(from + i * stepOf(shape, axis), axis + 1, room - 1),
    );
    if (axis < shape.length - 1) return `[${parts.join(`${'\n'.repeat(shape.length - 1 - axis)}${indent}`)}]`;
    const lines: string[] = [];
    let line = '';
    for (const word of parts)
      if (line && indent.length + line.length + 1 + word.length > room - 1) {
        lines.push(line.trimEnd());
        line = word;
      } else line = line ? `${line} ${word}` : word;
    return `[${[...lines, line].join(`\n${indent}`)}]`;
  };
  return part(0, 0, width);
}

const stepOf = (shape: Shape, axis: number): number => shape.slice(axis + 1).reduce((product, n) => product * n, 1);

function integerWriter(shown: readonly number[]): (value: number) => string {
  const width = Math.max(...shown.map((value) => String(value).length));
  return (value) => String(value).padStart(width);
}

/** All in one form: with an exponent where they are of very different sizes, else as decimals. */
function floatWriter(
  shown: readonly number[],
  round: (value: number) => number,
  precision: number,
): (value: number) => string {
  const sizes = shown.filter((value) => Number.isFinite(value) && value !== 0).map(Math.abs);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  const exponents = sizes.length > 0 && (most >= 1e8 || least < 1e-4 || most / least > 1000);
  const written = (value: number, digits: number): Written => {
    const text = exponents ? value.toExponential(digits) : value.toFixed(digits);
    const [, sign, whole, , rest = '', power = ''] = /^(-?)(\d+)(\.(\d+))?(e.+)?$/.exec(text)!;
    return {
      whole: `${sign || (Object.is(value, -0) ? '-' : '')}${whole}`,
      rest,
      power: power && `e${power[1]}${power.slice(2).padStart(2, '0')}`,
    };
  };
  /** In as few digits as tell it from its neighbors. */
  const brief = (value: number): Written => {
    const exact = shortest(value, round);
    const { whole, rest, power } = written(exact, precision);
    const parts = Number(`${whole}.${rest}${power}`) === exact ? { whole, rest, power } : written(value, precision);
    return { ...parts, rest: parts.rest.replace(/0+$/, '') };
  };
  const finite = shown.filter(Number.isFinite).map(brief);
  const longest = (part: keyof Written): number => Math.max(0, ...finite.map((each) => each[part].length));
  const [right, others] = [longest('rest'), shown.filter((value) => !Number.isFinite(value)).map(nameOf)];
  const width = Math.max(longest('whole') + 1 + right + longest('power'), ...others.map((name) => name.length));
  return (value) => {
    if (!Number.isFinite(value)) return nameOf(value).padStart(width);
    const { whole, rest, power } = exponents ? written(value, right) : brief(value);
    return `${whole}.${rest.padEnd(right)}${power}`.padStart(width);
  };
}

/** A number in parts: before the point, behind it, and its exponent. */
interface Written {
  whole: string;
  rest: string;
  power: string;
}

const nameOf = (value: number): string => (Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf');

/** The number of fewest digits that the dtype takes for this value. */
function shortest(value: number, round: (value: number) => number): number {
  for (let digits = 1; digits < 10; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (round(candidate) === value && value !== 0) return candidate;
  }
  return value;
}

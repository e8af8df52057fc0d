// Launches moves between two tensors that lie along different sides: read along one and written along the other, element by element, each would touch a line of memory
// for every value of one of them.
import { grid1d, params, type Slice } from '../../../gpu/index.ts';
import { BYTES, chunkLaunch, count, positionOf } from '../../../tensor/index.ts';
import type { MoveJob, Side } from './job.ts';

const TILE = 32;
/** A side shorter than this would leave most of a tile empty. */
const LEAST = 8;

/** Two sides around, the one along which y lies, the one along which x lies. */
type Planes = [outer: Side, inner: Side, down: Side, across: Side];

/** The sides of a transposition, if the move is one and has no more of them. */
function planesOf({ sides }: MoveJob): Planes | undefined {
  const down = sides[sides.length - 1];
  const across = sides.find(({ from }) => from === 1);
  if (!across || across === down || down.to !== 1 || sides.length > 4) return undefined;
  if (sides.some(({ checked }) => checked)) return undefined;
  const one = { n: 1, from: 0, to: 0 };
  const around = sides.filter((side) => side !== across && side !== down);
  return [...[one, one, ...around].slice(-2), down, across] as Planes;
}

export const isTransposition = (job: MoveJob): boolean => planesOf(job) !== undefined;

export const tileFits = (job: MoveJob): boolean => {
  const [, , down, across] = planesOf(job)!;
  return Math.min(down.n, across.n) >= LEAST;
};

export function tiles(job: MoveJob, [x, y]: Slice[]): void {
  const planes = planesOf(job)!;
  const [outer, inner, down, across] = planes.map(({ n }) => n);
  const total = outer * inner * Math.ceil(down / TILE) * Math.ceil(across / TILE);
  job.gpu.run({
    shader: 'shape/transpose_tile',
    types: { Elem: job.dtype === 'f16' ? 'f16' : 'u32' },
    bindings: [x, y],
    params: params(...wordsOf(planes), job.from, job.to, total),
    grid: grid1d(total),
    cost: costOf(job),
  });
}

export const blockFits = (job: MoveJob): boolean => {
  const [outer, inner, down, across] = planesOf(job)!;
  const numbers = [
    outer.from,
    outer.to,
    inner.from,
    inner.to,
    down.n,
    down.from,
    across.n,
    across.to,
    job.from,
    job.to,
  ];
  return numbers.every((n) => n % 4 === 0);
};

export function blocks(job: MoveJob, [x, y]: Slice[]): void {
  const { gpu } = job;
  const [outer, inner, down, across] = planesOf(job)!;
  const byVectors = [outer, inner].map(({ n, from, to }) => ({ n, from: from / 4, to: to / 4 }));
  const planes: Side[] = [
    ...byVectors,
    { n: down.n / 4, from: down.from, to: 1 },
    { n: across.n / 4, from: 1, to: across.to },
  ];
  const sides = planes.map(({ n }) => n);
  const total = count(sides);
  const { constants, grid } = chunkLaunch(gpu, total);
  gpu.run({
    shader: 'shape/transpose_block',
    constants,
    types: { V: job.dtype === 'f16' ? 'vec4h' : 'vec4u' },
    bindings: [x, y],
    params: params(
      ...[...wordsOf(planes), job.from / 4, job.to / 4, total, down.from / 4],
      ...[...positionOf(constants.GROUP, sides), across.to / 4],
    ),
    grid,
    cost: costOf(job),
  });
}

const wordsOf = (planes: readonly Side[]): number[] =>
  (['n', 'from', 'to'] as const).flatMap((key) => planes.map((side) => side[key]));

const costOf = ({ dtype, sides }: MoveJob) => ({ flops: 0, bytes: 2 * count(sides.map(({ n }) => n)) * BYTES[dtype] });

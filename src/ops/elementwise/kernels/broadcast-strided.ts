// Operands that repeat along any sides, by their strides: four elements of y at a time where its last side has fours, else one, which is what the other kernels
// are compared with.
import type { Slice } from '../../../gpu/index.ts';
import { gridStrideLaunch } from '../../../tensor/index.ts';
import { type BroadcastJob, launch, operandStrides, words } from './broadcast-job.ts';

export const generalFits = ({ sides }: BroadcastJob): boolean => sides[sides.length - 1].n % 4 === 0;

export function general(job: BroadcastJob, slices: Slice[]): void {
  const { gpu, y, sides, weights } = job;
  const vectors = Math.ceil(y.size / 4);
  const { grid, threads } = gridStrideLaunch(gpu, vectors);
  const outer = sides.map(({ n }) => n);
  outer[outer.length - 1] /= 4;
  launch(job, slices, {
    shader: 'elementwise/broadcast',
    entry: 'general',
    params: words([outer, ...operandStrides(job)], threads, weights, vectors),
    grid,
  });
}

export function plain(job: BroadcastJob, slices: Slice[]): void {
  const { gpu, y, sides, weights } = job;
  const { grid, threads } = gridStrideLaunch(gpu, y.size);
  launch(job, slices, {
    shader: 'elementwise/broadcast_plain',
    params: words([sides.map(({ n }) => n), ...operandStrides(job)], threads, weights, y.size),
    grid,
    stored: (dtype) => dtype,
  });
}

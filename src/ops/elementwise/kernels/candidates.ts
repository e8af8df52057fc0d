// The kernels that broadcast, and the choice among them. A new kernel is a line of the list, which names its launch.
import { candidatesFor, type KernelEntry } from '../../../gpu/index.ts';
import { shapeText } from '../../../tensor/index.ts';
import type { BroadcastJob } from './broadcast-job.ts';
import { periodic, periodicFits } from './broadcast-periodic.ts';
import { general, generalFits, plain } from './broadcast-strided.ts';

/** Best guess first. */
export const BROADCAST_KERNELS: KernelEntry<BroadcastJob>[] = [
  { name: 'periodic', when: periodicFits, run: periodic },
  { name: 'general', when: generalFits, run: general },
  { name: 'plain', run: plain },
];

/** Records y ← a combined with b, with the kernel that the tuner picks. */
export function broadcast(job: BroadcastJob): void {
  const { gpu, combine, a, b, y } = job;
  const tensors = [a, b, y];
  const types = tensors.map(({ dtype }) => dtype as 'f16' | 'f32');
  const half = types.includes('f16') ? ` ${types.join()}` : '';
  gpu.tuner
    .select({
      key: `broadcast/${combine} ${tensors.map(({ shape }) => shapeText(shape)).join(' ')}${half}`,
      sizes: tensors.map(({ bytes }) => bytes),
      types,
      candidates: candidatesFor(BROADCAST_KERNELS, job),
    })
    .run(tensors.map(({ slice }) => slice));
}

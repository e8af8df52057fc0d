// The kernels of attention, forward and backward, and the choice among them. Slices in, slices out: the op above checks shapes.
import { candidatesFor, type Gpu, grid1d, type KernelEntry, type Slice } from '../../../gpu/index.ts';
import { bytesOf } from '../../../tensor/index.ts';
import { stationaryLanes } from '../../matmul/kernels/stationary.ts';
import { type Attention, attentionWords, boundOf, elementsOf, workOf } from './attention.ts';
import { plainBackward, plainForward } from './plain.ts';
import { stationaryBackward, stationaryForward } from './stationary.ts';
import { tiledBackward, tiledForward } from './tiled.ts';

interface AttentionJob {
  gpu: Gpu;
  attention: Attention;
}

const worthIt = ({ gpu, attention }: AttentionJob): boolean => workOf(attention) >= gpu.machine.attention.small;
const stands = (job: AttentionJob): boolean =>
  worthIt(job) && job.gpu.machine.matmul.stationary && stationaryLanes(job.gpu) !== undefined;

const tiles = (job: AttentionJob): boolean => worthIt(job) && !job.gpu.machine.matmul.stationary;

/** Best guess first. */
export const FORWARD_KERNELS: KernelEntry<AttentionJob>[] = [
  { name: 'stationary', when: stands, run: ({ gpu, attention }, slices) => stationaryForward(gpu, attention, slices) },
  { name: 'tiled', when: tiles, run: ({ gpu, attention }, slices) => tiledForward(gpu, attention, slices) },
  { name: 'plain', run: ({ gpu, attention }, slices) => plainForward(gpu, attention, slices) },
];

export const BACKWARD_KERNELS: KernelEntry<AttentionJob>[] = [
  { name: 'stationary', when: stands, run: ({ gpu, attention }, slices) => stationaryBackward(gpu, attention, slices) },
  { name: 'tiled', when: tiles, run: ({ gpu, attention }, slices) => tiledBackward(gpu, attention, slices) },
  { name: 'plain', run: ({ gpu, attention }, slices) => plainBackward(gpu, attention, slices) },
];

function keyOf(direction: 'forward' | 'backward', a: Attention): string {
  const { batch, heads, group, rows, keys, depth, depthV, causal, headsLast, joined, stored, extra } = a;
  const sizes = `${batch}x${heads}${group > 1 ? `/${group}` : ''} ${rows}x${depth} by ${keys}x${depthV}`;
  const forms = [
    causal && 'causal',
    headsLast && !joined && 'heads last',
    joined && 'joined',
    extra.kind !== 'none' && extra.kind,
    stored === 'f16' && 'f16',
  ];
  return [`attention/${direction} ${sizes}`, ...forms.filter(Boolean)].join(' ');
}

/** What the tuner fills f32 memory with, or f16. */
const drawn = ({ stored }: Attention['extra']): 'f16' | 'f32' => (stored === 'f16' ? 'f16' : 'f32');

/** Records y and lse, the binary logarithm of each row's sum of powers, the first half of `sums`, with the kernel that the tuner picks. `slices`: q, k, v, extra, sums, y. */
export function attentionForward(gpu: Gpu, attention: Attention, slices: Slice[]): void {
  const { stored, extra, batch, heads, rows } = attention;
  const { q, k, v, y } = boundOf(attention);
  const bytes = bytesOf(stored);
  gpu.tuner
    .select({
      key: keyOf('forward', attention),
      sizes: [q * bytes, k * bytes, v * bytes, extra.elements * 4, batch * heads * rows * 8, y * bytes],
      types: [stored, stored, stored, drawn(extra), 'f32', stored],
      candidates: candidatesFor(FORWARD_KERNELS, { gpu, attention }),
    })
    .run(slices);
}

/**
 * Records the gradients of q, k and v. `slices`: q, k, v, extra, dy, sums, dq, dk, dv, where `sums` has lse and Σ y·dy: see rowDots. Joined, the three of each are the
 * same.
 */
export function attentionBackward(gpu: Gpu, attention: Attention, slices: Slice[]): void {
  const { stored, extra, batch, heads, rows } = attention;
  const { q, k, v, y } = boundOf(attention);
  const bytes = bytesOf(stored);
  const inputs = [q * bytes, k * bytes, v * bytes, extra.elements * 4, y * bytes, batch * heads * rows * 8];
  gpu.tuner
    .select({
      key: keyOf('backward', attention),
      sizes: [...inputs, q * bytes, k * bytes, v * bytes],
      types: [stored, stored, stored, drawn(extra), stored, 'f32', stored, stored, stored],
      candidates: candidatesFor(BACKWARD_KERNELS, { gpu, attention }),
    })
    .run(slices);
}

/** Records Σ y·dy of each row, the second half of `sums`. */
export function rowDots(gpu: Gpu, attention: Attention, y: Slice, dy: Slice, sums: Slice): void {
  const { batch, heads, rows, stored } = attention;
  const count = elementsOf(attention).y;
  gpu.run({
    shader: 'attention/row_dots',
    types: { Elem: stored },
    bindings: [y, dy, sums],
    params: attentionWords(attention),
    grid: grid1d(Math.ceil((batch * heads * rows) / 64)),
    cost: { flops: 2 * count, bytes: 2 * bytesOf(stored) * count },
  });
}

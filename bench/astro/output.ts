// How the cost of the astrocyte is shown: the three times, then the kernels of both sides next to each other.
import type { KernelTime } from 'astrogpu/gpu';
import { renderText } from 'astrogpu/report';
import { short } from '../common/format.ts';
import type { AstrocyteCost, StepCost } from './measure.ts';

/** On a software adapter processor time is shown too: it says the same on a machine that does other things beside. */
export function summary({ T, plain, pair, ratio, processorRatio }: AstrocyteCost, software: boolean): string {
  const row = (what: string, { ms, host, processor, dispatches }: StepCost, steps: number): string[] => [
    what,
    short(ms / steps),
    ...(software ? [short(processor / steps)] : []),
    short(host / steps),
    dispatches ? short(dispatches / steps) : '-',
  ];
  const titles = ['ms', ...(software ? ['processor, ms'] : []), 'host, ms', 'dispatches'];
  const table = renderText({
    columns: [{ title: '' }, ...titles.map((title) => ({ title, align: 'right' as const }))],
    rows: [row('plain step', plain, 1), row(`NN + AN update (a pair of batches / ${T})`, pair, T)],
  });
  const processor = software ? `; by processor time ${processorRatio.toFixed(3)}` : '';
  return `${table}\n\nNN + AN update by two plain steps: ${ratio.toFixed(3)}${processor}`;
}

/** Calls and time of each kernel in an iteration of the search, and in two plain steps; largest difference first. */
export function kernelTable({ T, plain, pair }: AstrocyteCost): string {
  const sides = [byLabel(pair.kernels, 1 / T), byLabel(plain.kernels, 2)];
  const none = { calls: 0, ms: 0 };
  const rows = [...new Set(sides.flatMap((side) => [...side.keys()]))].map((label) => {
    const [ours, theirs] = sides.map((side) => side.get(label) ?? none);
    return { label, ours, theirs, more: ours.ms - theirs.ms };
  });
  rows.sort((a, b) => b.more - a.more);
  const total = rows.reduce((sum, { ours }) => sum + ours.ms, 0);
  const right = ['calls', 'ms', 'share', 'calls, 2 plain', 'ms, 2 plain', 'ms more'];
  return renderText({
    columns: [{ title: 'kernel' }, ...right.map((title) => ({ title, align: 'right' as const }))],
    rows: rows.map(({ label, ours, theirs, more }) => [
      label,
      ours.calls.toFixed(1),
      ours.ms.toFixed(3),
      `${((ours.ms / total) * 100).toFixed(1)} %`,
      theirs.calls.toFixed(0),
      theirs.ms.toFixed(3),
      more.toFixed(3),
    ]),
  });
}

function byLabel(kernels: readonly KernelTime[], factor: number): Map<string, { calls: number; ms: number }> {
  const rows = new Map<string, { calls: number; ms: number }>();
  for (const { label, calls, ms } of kernels) {
    const row = rows.get(label) ?? { calls: 0, ms: 0 };
    rows.set(label, { calls: row.calls + calls * factor, ms: row.ms + ms * factor });
  }
  return rows;
}

// The table of bench/compaction: a row for the whole network, and one for each that is left of it.
import { formatCount, formatFlops, formatPercent, formatRange, formatRatio, renderText } from 'astrogpu/report';
import type { Measured } from './measure.ts';

/** Processor time is the work itself on a `software` adapter alone. */
export function timeTable(results: readonly Measured[], software: boolean): string {
  const titles = [
    ...['kept', 'multiple', 'parameters', 'FLOPs an image', 'ms an image', "of the whole network's time"],
    ...(software ? ['by processor time'] : []),
  ];
  return renderText({
    columns: [{ title: 'network' }, ...titles.map((title) => ({ title, align: 'right' as const }))],
    rows: results.flatMap(({ model, whole, smaller }) => {
      const none = software ? [''] : [];
      const of = (part: number, all: number, text: (value: number) => string): string =>
        `${text(part)} (${formatPercent(part / all, 1)})`;
      return [
        [model, '1', '', formatCount(whole.parameters), formatFlops(whole.flops), formatRange(whole.time), '', ...none],
        ...smaller.map(({ keep, multiple, parameters, flops, time, ratio, processorRatio }) => [
          model,
          String(keep),
          String(multiple),
          of(parameters, whole.parameters, formatCount),
          of(flops, whole.flops, formatFlops),
          formatRange(time),
          formatRatio(ratio),
          ...(software ? [formatRatio(processorRatio)] : []),
        ]),
      ];
    }),
  });
}

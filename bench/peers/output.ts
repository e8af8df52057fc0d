// The comparison as a table.
import { renderMarkdown } from 'astrogpu/report';
import { short } from '../common/format.ts';
import type { ComparisonRow } from './measure.ts';
import type { PeerName } from './options.ts';

/** Rows as Markdown, the losers too: a ratio below 1 means that the peer is faster. */
export function markdown(rows: readonly ComparisonRow[], peers: readonly PeerName[]): string {
  return renderMarkdown({
    columns: [
      { title: 'job' },
      { title: 'astrogpu, ms', align: 'right' },
      ...peers.flatMap((peer) => [
        { title: `${peer}, ms`, align: 'right' as const },
        { title: `${peer} / astrogpu`, align: 'right' as const },
      ]),
    ],
    rows: rows.map(({ name, ms, ratio }) => [
      name,
      short(ms.ours),
      ...peers.flatMap((peer) => [short(ms[peer]!), `${short(ratio[peer]!)}×`]),
    ]),
  });
}

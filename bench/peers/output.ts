// What the comparison leaves behind: a Markdown table, and a JSON file with everything needed to repeat it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AdapterSummary } from 'astrogpu/gpu';
import { writeFileAtomic } from 'astrogpu/io';
import { renderMarkdown } from 'astrogpu/report';
import type { Row } from './measure.ts';
import type { PeerName } from './options.ts';

/** Three significant digits. */
const short = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

/** Rows as Markdown, the losers too: a ratio below 1 means that the peer is faster. */
export function markdown(rows: readonly Row[], peers: readonly PeerName[]): string {
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

export interface Outcome {
  command: string;
  adapter: AdapterSummary;
  rounds: number;
  /** Their versions by name. */
  peers: Partial<Record<PeerName, string>>;
  rows: Row[];
}

/** Writes the JSON file, whole or not at all. */
export function writeJson(file: string, { command, adapter, rounds, peers, rows }: Outcome): void {
  const { description, software, key } = adapter;
  const content = {
    command,
    date: new Date().toISOString(),
    adapter: { description, software, key },
    versions: { astrogpu: ownVersion(), ...peers, webgpu: dawnVersion(), node: process.versions.node },
    rounds,
    rows,
  };
  writeFileAtomic(file, `${JSON.stringify(content, null, 2)}\n`);
}

export const ownVersion = (): string =>
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;

const dawnVersion = (): string => createRequire(import.meta.url)('webgpu/package.json').version;

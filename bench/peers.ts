// Times astrogpu against other libraries on the same adapter: `node bench/peers.js --help`.
import { say, UsageError, version, warn } from 'astrogpu/cli';
import { Gpu } from 'astrogpu/gpu';
import { runCommand } from './common/command.ts';
import { writeJson } from './common/json.ts';
import { helpText } from './common/options.ts';
import { attentionComparison } from './peers/attention.ts';
import { blockComparison } from './peers/block.ts';
import type { Comparison, Peer } from './peers/comparison.ts';
import { inBrowser } from './peers/in-browser.ts';
import { openJax } from './peers/jax.ts';
import { convComparison, matmulComparison } from './peers/kernels.ts';
import { type ComparisonRow, compare } from './peers/measure.ts';
import { opComparisons } from './peers/ops.ts';
import { command, isTransformer, type Options, type PeerName, parseOptions } from './peers/options.ts';
import { markdown } from './peers/output.ts';
import { stepComparison } from './peers/step.ts';
import { openTfjs } from './peers/tfjs.ts';

const BATCH = 8;
/** Channels and sides of the convolutions: the same number of multiplications each. */
const SIZES = [
  [64, 32],
  [128, 16],
  [256, 8],
] as const;

const comparisons = ({ model, batch, precision }: Options): Comparison[] => [
  ...SIZES.flatMap(([channels, side]) =>
    (['forward', 'data gradient', 'weight gradient'] as const).map((direction) =>
      convComparison(direction, BATCH, side, channels),
    ),
  ),
  matmulComparison(512, 512, 512),
  ...[197, 1024].flatMap((tokens) => [false, true].map((gradients) => attentionComparison(8, tokens, 64, gradients))),
  ...opComparisons,
  isTransformer(model) ? blockComparison(model, batch) : stepComparison(model, batch, 32, precision),
];

const open: Record<PeerName, () => Promise<Peer>> = { tfjs: openTfjs, jax: openJax };

runCommand(command.name, async (args, typed) => {
  const options = parseOptions(args);
  if (options.help) return say(helpText(command));
  if (options.version) return say(version());
  if (options.browser) return runInBrowser(options, typed);
  const all = comparisons(options);
  const chosen = all.filter(({ name }) => name.includes(options.filter));
  if (chosen.length === 0)
    throw new UsageError(
      `--filter ${options.filter}: no row has it; there are ${all.map(({ name }) => name).join('; ')}`,
    );
  await run(options, chosen, typed);
});

async function run({ peers: names, rounds, json }: Options, chosen: Comparison[], typed: string): Promise<void> {
  const gpu = await Gpu.open();
  const { adapter } = gpu;
  say(`adapter: ${adapter.description}`);
  const peers: Peer[] = [];
  for (const name of names) peers.push(await open[name]());
  const versions = Object.fromEntries(peers.map(({ name, version }) => [name, version]));
  const named = peers.map(({ name, version }) => `${name} ${version}`).join(', ');
  say(`peers: ${named} (WebGPU), on the same adapter, with the same waiting; medians of ${rounds} rounds\n`);
  const rows: ComparisonRow[] = [];
  for (const comparison of chosen) {
    warn(`${comparison.name}: compiling, checking, timing`);
    const row = await compare(comparison, gpu, peers, rounds);
    rows.push(row);
    warn(progress(row, names));
  }
  say(`\n${markdown(rows, names)}`);
  if (json) writeJson(json, { command: typed, adapter, versions }, { rounds, rows });
  await gpu.close();
}

async function runInBrowser({ peers: names, model, batch, rounds, json }: Options, typed: string): Promise<void> {
  warn('building the page, compiling, checking, timing');
  const { browser, adapter, versions, failed, row } = await inBrowser({ peers: names, model, batch, rounds });
  const done = names.filter((name) => !(name in failed));
  say(`browser: ${browser}\nadapter: ${adapter.description}`);
  const named = done.map((name) => `${name} ${versions[name]}`).join(', ');
  say(`peers: ${named || 'none'}, in one page, in turns; medians of ${rounds} rounds\n`);
  for (const [name, reason] of Object.entries(failed)) say(`${name} does not do this here: ${reason}\n`);
  say(markdown([row], done));
  if (json)
    writeJson(json, { command: typed, adapter, versions: { ...versions, browser } }, { rounds, failed, rows: [row] });
}

/** What a row came to; how long the first results took shows what compiling costs. */
function progress({ name, ratio, first }: ComparisonRow, peers: readonly PeerName[]): string {
  const one = (peer: PeerName): string =>
    `${peer} ${ratio[peer]!.toFixed(1)}× (first run ${(first[peer]! / 1000).toFixed(1)} s)`;
  return `${name}: ${peers.map(one).join(', ')}`;
}

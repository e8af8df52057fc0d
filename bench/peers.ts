// Times astrogpu against other libraries on the same adapter: `node bench/peers.js --help`.
import { AstroError, Gpu } from 'astrogpu/gpu';
import type { Job, Peer } from './peers/comparison.ts';
import { openJax } from './peers/jax.ts';
import { convJob, matmulJob } from './peers/kernels.ts';
import { compare, type Row } from './peers/measure.ts';
import { HELP, type Options, type PeerName, parseOptions, UsageError } from './peers/options.ts';
import { markdown, ownVersion, writeJson } from './peers/output.ts';
import { stepJob } from './peers/step.ts';
import { openTfjs } from './peers/tfjs.ts';

const BATCH = 8;
/** Channels and sides of the convolutions: the same number of multiplications each. */
const SIZES = [
  [64, 32],
  [128, 16],
  [256, 8],
] as const;

const jobs = ({ model, batch, precision }: Options): Job[] => [
  ...SIZES.flatMap(([channels, side]) =>
    (['forward', 'data gradient', 'weight gradient'] as const).map((direction) =>
      convJob(direction, BATCH, side, channels),
    ),
  ),
  matmulJob(512, 512, 512),
  stepJob(model, batch, 32, precision),
];

const open: Record<PeerName, () => Promise<Peer>> = { tfjs: openTfjs, jax: openJax };

const say = (line: string): void => console.log(line);

async function main(args: string[]): Promise<void> {
  const options = parseOptions(args);
  if (options.help) return say(HELP);
  if (options.version) return say(ownVersion());
  const all = jobs(options);
  const chosen = all.filter(({ name }) => name.includes(options.filter));
  if (chosen.length === 0)
    throw new UsageError(
      `--filter ${options.filter}: no row has it; there are ${all.map(({ name }) => name).join('; ')}`,
    );
  await run(options, chosen, ['node bench/peers.js', ...args].join(' '));
}

async function run({ peers: names, rounds, json }: Options, chosen: Job[], command: string): Promise<void> {
  const gpu = await Gpu.open();
  say(`adapter: ${gpu.adapter.description}`);
  const peers: Peer[] = [];
  for (const name of names) peers.push(await open[name]());
  const versions = Object.fromEntries(peers.map(({ name, version }) => [name, version]));
  const named = peers.map(({ name, version }) => `${name} ${version}`).join(', ');
  say(`peers: ${named} (WebGPU), on the same adapter, with the same waiting; medians of ${rounds} rounds\n`);
  const rows: Row[] = [];
  for (const job of chosen) {
    process.stderr.write(`${job.name}: compiling, checking, timing\n`);
    const row = await compare(job, gpu, peers, rounds);
    rows.push(row);
    process.stderr.write(`${progress(row, names)}\n`);
  }
  say(`\n${markdown(rows, names)}`);
  if (json) writeJson(json, { command, adapter: gpu.adapter, rounds, peers: versions, rows });
  await gpu.close();
}

/** What a row came to; how long the first results took shows what compiling costs. */
const progress = ({ name, ratio, first }: Row, peers: readonly PeerName[]): string =>
  `${name}: ${peers.map((peer) => `${peer} ${ratio[peer]!.toFixed(1)}× (first run ${(first[peer]! / 1000).toFixed(1)} s)`).join(', ')}`;

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error) => {
    process.stderr.write(`${error instanceof AstroError ? error.message : error.stack}\n`);
    process.exit(error instanceof UsageError ? 2 : 1);
  },
);

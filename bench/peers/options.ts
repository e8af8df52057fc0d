// The options of bench/peers. Bad input is one line that names the option.
import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { AstroError } from 'astrogpu/gpu';

/** A wrong option or value: one line, exit code 2. */
export class UsageError extends AstroError {}

export const PEERS = ['tfjs', 'jax'] as const;
export type PeerName = (typeof PEERS)[number];

const DEFAULT_PEERS = 'tfjs';
const MODELS = ['resnet-small', 'resnet18', 'resnet34'];

export interface Options {
  peers: PeerName[];
  json?: string;
  /** Rows whose names hold this text. */
  filter: string;
  /** Of the training step. */
  model: string;
  batch: number;
  /** Of astrogpu's training step. */
  precision: 'f32' | 'f16';
  rounds: number;
  help: boolean;
  version: boolean;
}

export const HELP = `node bench/peers.js [options]
Times astrogpu against other libraries on the same adapter, in one process, after checking that their results agree.
The very first training step of jax compiles for a minute or more on a software adapter; later runs find it in the driver's cache.

  --peers LIST   of ${PEERS.join(', ')}, with commas between them (default ${DEFAULT_PEERS})
  --json FILE    write the rows, the adapter and the versions there
  --model NAME   whose training step, of ${MODELS.join(', ')} (default ${MODELS[0]})
  --batch N      images in the training step (default 32)
  --precision P  of astrogpu's training step, f32 (default) or f16; the peers stay f32, which is all they have
  --filter TEXT  only the rows whose names hold TEXT, e.g. matmul
  --rounds N     measured rounds; the medians are shown (default 7)
  --help, --version`;

/** Throws UsageError. */
export function parseOptions(args: string[]): Options {
  const { values } = parse(args);
  const peers = [...new Set((values.peers ?? DEFAULT_PEERS).split(',').filter(Boolean))];
  const unknown = peers.find((name) => !PEERS.includes(name as PeerName));
  if (unknown !== undefined || peers.length === 0)
    throw new UsageError(`--peers ${values.peers}: takes names from ${PEERS.join(', ')}`);
  const model = values.model ?? MODELS[0];
  if (!MODELS.includes(model)) throw new UsageError(`--model ${model}: takes one of ${MODELS.join(', ')}`);
  const precision = values.precision ?? 'f32';
  if (precision !== 'f32' && precision !== 'f16') throw new UsageError(`--precision ${precision}: takes f32 or f16`);
  const batch = whole('batch', values.batch ?? '32', 65536);
  const rounds = whole('rounds', values.rounds ?? '7', 1000);
  if (values.json !== undefined) checkFile(values.json);
  const { json, filter = '', help = false, version = false } = values;
  return { peers: peers as PeerName[], json, filter, model, batch, precision, rounds, help, version };
}

function whole(option: string, text: string, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new UsageError(`--${option} ${text}: takes a whole number from 1 to ${most}`);
  return value;
}

/** A file that cannot be written should show before the measuring, not after it. */
function checkFile(file: string): void {
  const folder = dirname(file);
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    throw new UsageError(`--json ${file}: the folder ${folder} is not there or cannot be written`);
  }
  if (file === '' || statSync(file, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(`--json ${file}: takes the name of a file`);
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        peers: { type: 'string' },
        json: { type: 'string' },
        filter: { type: 'string' },
        model: { type: 'string' },
        batch: { type: 'string' },
        precision: { type: 'string' },
        rounds: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split(/[.\n]/)[0]}; see --help`);
  }
}

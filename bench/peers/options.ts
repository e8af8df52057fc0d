// The options of bench/peers.
import { count, oneOf, UsageError } from 'astrogpu/cli';
import type { Precision } from 'astrogpu/nn';
import { type Command, MEASURING, parseArguments } from '../common/options.ts';

export const PEERS = ['tfjs', 'jax'] as const;
export type PeerName = (typeof PEERS)[number];

const DEFAULT_PEERS: PeerName[] = ['tfjs'];
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
  precision: Precision;
  rounds: number;
  help: boolean;
  version: boolean;
}

export const command = {
  name: 'node bench/peers.js',
  about: [
    'Times astrogpu against other libraries on the same adapter, in one process, after checking that their results agree.',
    "The very first training step of jax compiles for a minute or more on a software adapter; later runs find it in the driver's cache.",
  ],
  options: {
    peers: {
      value: 'LIST',
      help: `of ${PEERS.join(', ')}, with commas between them (default ${DEFAULT_PEERS})`,
      parse: peerList,
    },
    model: {
      value: 'NAME',
      help: `whose training step, of ${MODELS.join(', ')} (default ${MODELS[0]})`,
      parse: oneOf(...MODELS),
    },
    batch: { value: 'N', help: 'images in the training step (default 32)', parse: count(1, 65536) },
    precision: {
      value: 'P',
      help: "of astrogpu's training step, f32 (default) or f16; the peers stay f32, which is all they have",
      parse: oneOf('f32', 'f16'),
    },
    filter: { value: 'TEXT', help: 'only the rows whose names hold TEXT, e.g. matmul' },
    rounds: { value: 'N', help: 'measured rounds; the medians are shown (default 7)', parse: count(1, 1000) },
    ...MEASURING,
  },
} satisfies Command;

/** Throws UsageError. */
export function parseOptions(args: string[]): Options {
  const given = parseArguments(command, args);
  const { peers = DEFAULT_PEERS, json, filter = '', help = false, version = false } = given;
  const { model = MODELS[0], batch = 32, precision = 'f32', rounds = 7 } = given;
  return { peers, json, filter, model, batch, precision, rounds, help, version };
}

function peerList(text: string, name: string): PeerName[] {
  const peers = [...new Set(text.split(',').filter(Boolean))];
  if (peers.length === 0 || peers.some((peer) => !PEERS.includes(peer as PeerName)))
    throw new UsageError(`--${name} ${text}: takes names from ${PEERS.join(', ')}`);
  return peers as PeerName[];
}

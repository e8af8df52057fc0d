// The options of bench/peers.

import { UsageError } from 'astrogpu/cli';
import type { Precision } from 'astrogpu/nn';
import { JOB_OPTIONS, option, optionAs, read, settingsOf, toggle } from 'astrogpu/train';
import { type Command, MEASURING, parseArguments, ROUNDS } from '../common/options.ts';

export const PEERS = ['tfjs', 'jax'] as const;
export type PeerName = (typeof PEERS)[number];

const MODELS = ['resnet-small', 'resnet18', 'resnet34', 'vit-t-16', 'vit-s-16', 'vit-b-16'] as const;
/** Images in a step of a ResNet, and in a block of a vision transformer. */
const BATCH = 32;
const BLOCK_BATCH = 8;

/** Of a vision transformer one block is compared, with its gradients; of the others a training step. */
export const isTransformer = (model: string): boolean => model.startsWith('vit-');

export interface Options {
  peers: PeerName[];
  json?: string;
  /** Rows whose names hold this text. */
  filter: string;
  /** Of the training step or block. */
  model: string;
  batch: number;
  /** Of astrogpu's training step. */
  precision: Precision;
  rounds: number;
  /** The training step alone, in a page. */
  browser: boolean;
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
    peers: option({
      value: 'LIST',
      read: read.listOf(PEERS),
      help: 'with commas between them',
      default: ['tfjs'],
    }),
    model: option({
      value: 'NAME',
      read: read.oneOf(MODELS),
      help: 'whose training step, of a vit one block with its gradients',
      default: 'resnet-small',
    }),
    batch: option({
      value: 'N',
      read: read.whole(1, 65536),
      help: 'images in the training step or block',
      defaultText: `${BATCH}, in a block ${BLOCK_BATCH}`,
    }),
    precision: optionAs(JOB_OPTIONS.precision, {
      help: "of astrogpu's training step; the peers stay f32, which is all they have",
      default: 'f32',
    }),
    filter: option({
      value: 'TEXT',
      read: read.text,
      help: 'only the rows whose names hold TEXT, e.g. matmul',
      defaultText: 'all',
    }),
    browser: toggle({
      help: 'the training step alone, in one page of a headless Chromium, on its software adapter (SwiftShader)',
    }),
    rounds: ROUNDS,
    ...MEASURING,
  },
} satisfies Command;

/** Throws UsageError. */
export function parseOptions(args: string[]): Options {
  const given = parseArguments(command, args);
  const { peers, model, precision, rounds } = settingsOf(command.options, given, false);
  const { batch = isTransformer(model) ? BLOCK_BATCH : BATCH } = given;
  const { json, filter = '', browser = false, help = false, version = false } = given;
  if (browser && isTransformer(model))
    throw new UsageError(`--model ${model}: --browser takes a ResNet's training step`);
  if (browser && (given.filter !== undefined || precision !== 'f32'))
    throw new UsageError('--browser is the training step in f32: leave out --filter and --precision');
  return { peers, json, filter, model, batch, precision: precision!, rounds, browser, help, version };
}

// The options of bench/fusion.
import { type Command, MEASURING, parseArguments, ROUNDS } from '../common/options.ts';

export interface Options {
  rounds: number;
  json?: string;
  help: boolean;
  version: boolean;
}

export const command = {
  name: 'node bench/fusion.js',
  about: [
    'What a captured program gains by running elementwise ops that follow each other as one kernel: kernels, bytes moved and time of some chains and of whole training',
    'steps, fused and apart, in turns within one process.',
  ],
  options: { rounds: ROUNDS, ...MEASURING },
} satisfies Command;

/** Throws UsageError. */
export function parseOptions(args: string[]): Options {
  const { rounds = ROUNDS.default, json, help = false, version = false } = parseArguments(command, args);
  return { rounds, json, help, version };
}

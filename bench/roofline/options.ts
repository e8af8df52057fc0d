// The options of bench/roofline.
import { toggle } from 'astrogpu/train';
import { type Command, MEASURING, parseArguments } from '../common/options.ts';

export interface Options {
  json?: string;
  quick: boolean;
  help: boolean;
  version: boolean;
}

export const command = {
  name: 'node bench/roofline.js',
  about: [
    'Measures what this adapter can do at the most: multiply-adds in f32, f16 and on the matrix units, memory, workgroup memory, and what a dispatch costs.',
    "Every probe's result is checked. Let nothing else run meanwhile.",
  ],
  options: { quick: toggle({ help: 'shorter samples, smaller buffers' }), ...MEASURING },
} satisfies Command;

/** Throws UsageError. */
export function parseOptions(args: string[]): Options {
  const { json, quick = false, help = false, version = false } = parseArguments(command, args);
  return { json, quick, help, version };
}

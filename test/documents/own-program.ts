// Which program of ours a line of a shell starts, and with what.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../architecture/tree.ts';
import { wordsOf } from './blocks.ts';

export const { scripts }: { scripts: Record<string, string> } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);

/** A built program that reads its own options, and what it is given. Of a script of npm it is the last one, behind the set-up. */
export function ownProgram([runner, name, ...args]: string[]): { file: string; args: string[] } | undefined {
  if (runner === 'npm') {
    const script = scripts[name === 'run' ? args[0] : name];
    const last = script?.split(' && ').at(-1);
    return last?.startsWith('node ')
      ? ownProgram([...wordsOf(last), ...args.slice(name === 'run' ? 1 : 0)])
      : undefined;
  }
  if (runner === 'npx' && name === 'astrogpu') return { file: join(root, 'dist/cli/main.js'), args };
  if (runner === 'node' && /^(bench|datasets)\/.*\.js$/.test(name)) return { file: join(root, name), args };
  return undefined;
}

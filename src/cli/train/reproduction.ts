// What it takes to do a run again: its command with every option spelled out, and the versions of what it ran on.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AdapterSummary } from '../../gpu/index.ts';
import { JOB_OPTIONS, type OptionTable, recipeDefaults } from '../../train/index.ts';
import { version } from '../common/command.ts';
import { flagOf, negated } from '../common/flags.ts';
import { valueText } from '../common/help.ts';
import { commandLine } from '../common/options.ts';

/** A command that gives a run's configuration, whatever the defaults are. Options that take no part are left out, and switches that are off, but for those that its recipe turns on. */
export function fullCommand(command: string, config: object, table: OptionTable = JOB_OPTIONS): string {
  const values: Record<string, unknown> = { ...config };
  // What has no recipe has no switches that one turns on.
  const usual: Record<string, unknown> =
    'recipe' in table ? { ...recipeDefaults(config as Parameters<typeof recipeDefaults>[0], false) } : {};
  const words = Object.entries(table).flatMap(([name, row]) => {
    const value = values[name];
    if (value === false && usual[name] === true) return [negated(flagOf(name))];
    if (value === undefined || value === false || (Array.isArray(value) && value.length === 0)) return [];
    if (row.value === undefined) return [flagOf(name)];
    const text = valueText(value);
    return text.startsWith('-') ? [`${flagOf(name)}=${text}`] : [flagOf(name), text];
  });
  return commandLine(command, words);
}

/** What a run is made on: this package and its commit, Node, Dawn, the driver. What is not known is left out. */
export function versions({ driver, implementation }: AdapterSummary): { name: string; value: string }[] {
  const commit = ownCommit();
  return [
    { name: 'astrogpu', value: version() + (commit ? `, commit ${commit}` : '') },
    { name: 'Node', value: `${process.version.slice(1)}, ${process.platform} ${process.arch}` },
    { name: 'WebGPU', value: implementation },
    ...(driver ? [{ name: 'Driver', value: driver }] : []),
  ];
}

/** The commit that this package is checked out at, `-dirty` where files were changed; nothing where it was installed. */
function ownCommit(): string | undefined {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  if (!existsSync(`${root}.git`)) return undefined;
  try {
    const words = ['-C', root, 'describe', '--always', '--dirty', '--abbrev=12', '--exclude=*'];
    return execFileSync('git', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 5000 }).trim();
  } catch {
    return undefined;
  }
}

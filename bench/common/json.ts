// The JSON file that a measurement leaves: what was measured, and what is needed to repeat it.
import { version } from 'astrogpu/cli';
import type { AdapterSummary } from 'astrogpu/gpu';
import { writeFileAtomic } from 'astrogpu/io';
import { installedVersion } from './versions.ts';

/** Where a measurement comes from. */
export interface Origin {
  /** As it was typed. */
  command: string;
  /** The GPU, where one was measured. */
  adapter?: AdapterSummary | undefined;
  /** The processor, where that was. */
  machine?: string | undefined;
  /** Of libraries that were measured too, by name. */
  versions?: Record<string, string> | undefined;
}

/** Writes the file whole or not at all. */
export function writeJson(file: string, { command, adapter, machine, versions = {} }: Origin, content: object): void {
  const head = {
    command,
    date: new Date().toISOString(),
    ...(machine !== undefined && { machine }),
    ...(adapter && { adapter: { description: adapter.description, software: adapter.software, key: adapter.key } }),
    versions: { astrogpu: version(), ...versions, webgpu: installedVersion('webgpu'), node: process.versions.node },
  };
  writeFileAtomic(file, `${JSON.stringify({ ...head, ...content }, null, 2)}\n`);
}

// torchvision's loader in a process of its own, which answers each number of batches with what it took: so both sides can take turns.
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('../torch_loader.py', import.meta.url));

/** What a round took. */
export interface Round {
  images: number;
  seconds: number;
  /** Milliseconds of processor time, where that is known. */
  cpu?: number;
  versions?: Record<string, string>;
}

/** A Python that has torchvision. */
export function findPython(): string | undefined {
  const known = process.env.PYTHON ? [process.env.PYTHON] : ['python3', '/usr/bin/python3'];
  return known.find(
    (python) => spawnSync(python, ['-c', 'import torch, torchvision'], { stdio: 'ignore' }).status === 0,
  );
}

/** The class folders that ImageFolder takes; undefined for archives. */
export function torchFolder(data: string): string | undefined {
  const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (!isFolder(data)) return undefined;
  return isFolder(join(data, 'train')) ? join(data, 'train') : data;
}

/** How its loader is called. */
export interface TorchLoaderOptions {
  python: string;
  folder: string;
  workers: number;
  batch: number;
  size: number;
  floats: boolean;
}

/** The loader. close() it. */
export class TorchLoader {
  private readonly process: ChildProcessByStdio<Writable, Readable, null>;
  private readonly lines: Interface;
  private readonly answers: AsyncIterator<string>;

  constructor({ python, folder, workers, batch, size, floats }: TorchLoaderOptions) {
    const args = [SCRIPT, folder, '--workers', `${workers}`, '--batch', `${batch}`, '--size', `${size}`];
    this.process = spawn(python, floats ? [...args, '--floats'] : args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = createInterface(this.process.stdout);
    this.answers = this.lines[Symbol.asyncIterator]();
  }

  /** Loads batches and says what it took. */
  async load(batches: number): Promise<Round> {
    this.process.stdin.write(`${batches}\n`);
    const { value, done } = await this.answers.next();
    if (done) throw new Error('bench/torch_loader.py ended; its reason stands above');
    const { cpu, ...round } = JSON.parse(value);
    return { ...round, ...(cpu !== null && { cpu }) };
  }

  async close(): Promise<void> {
    this.process.stdin.end();
    await new Promise((resolve) => this.process.once('close', resolve));
    this.lines.close();
  }
}

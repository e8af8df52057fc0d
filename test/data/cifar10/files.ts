// A tiny set in the binary version of CIFAR-10, written to a temporary folder: three records a file instead of 10,000.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type CifarLayout, cifar10Layout } from '../../../src/data/cifar10/records.ts';

export const records = 3;
export const recordBytes = 3073;

/** Byte `p` of plane `plane` of record `r` of file `file`: a formula, so that a test can say what must stand where. */
export function pixel(file: number, r: number, plane: number, p: number): number {
  return (file * 61 + r * 37 + plane * 83 + p * 7) & 255;
}

export function label(file: number, r: number): number {
  return (file * records + r) % 10;
}

/** The bytes of each file by name, and a layout with their true checksums. */
export function tinySet(): { files: Map<string, Buffer>; layout: CifarLayout } {
  const files = new Map<string, Buffer>();
  const one = ({ name }: { name: string }, file: number): { name: string; sha256: string } => {
    const bytes = Buffer.alloc(records * recordBytes);
    for (let r = 0; r < records; r++) {
      bytes[r * recordBytes] = label(file, r);
      for (let i = 0; i < 3072; i++) bytes[r * recordBytes + 1 + i] = pixel(file, r, i >> 10, i & 1023);
    }
    files.set(name, bytes);
    return { name, sha256: createHash('sha256').update(bytes).digest('hex') };
  };
  const train = cifar10Layout.train.map(one);
  const test = cifar10Layout.test.map((file) => one(file, train.length));
  return { files, layout: { train, test, records } };
}

/** A fresh folder, to be asked for inside a test: it is removed when that test is over. */
export async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'astrogpu-cifar-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** Writes files into a fresh folder, or below it; returns the fresh folder. */
export async function write(files: Map<string, Buffer>, below = '.'): Promise<string> {
  const dir = await folder();
  await mkdir(join(dir, below), { recursive: true });
  for (const [name, bytes] of files) await writeFile(join(dir, below, name), bytes);
  return dir;
}

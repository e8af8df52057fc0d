// Every reader of files that are not ours, by what it reads. A reader gives something or throws an error of the library.
import { mkdirSync } from 'node:fs';
import { cifarReader, tarReader } from './readers/archives.ts';
import { networkReader, safetensorsReader, weightsReader } from './readers/networks.ts';
import {
  classListReader,
  cocoReader,
  croppedReader,
  folderReader,
  pictureReader,
  resultsReader,
} from './readers/pictures.ts';
import type { Reader } from './readers/reader.ts';
import { lockReader, runReaders } from './readers/runs.ts';

/** All readers, in an order that decides their cases; seeds that take a file are made in `scratch`. */
export async function readers(scratch: string): Promise<Reader[]> {
  mkdirSync(scratch, { recursive: true });
  return [
    safetensorsReader(scratch),
    await networkReader(),
    ...runReaders,
    classListReader,
    cocoReader,
    await tarReader(),
    cifarReader,
    await folderReader(),
    await pictureReader(),
    lockReader,
    weightsReader,
    await croppedReader(),
    resultsReader,
  ];
}

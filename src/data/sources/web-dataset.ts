// WebDataset's shards: tars in which the files of a sample follow each other under one name: `key.jpg` with `key.cls` or `key.json`.
import { basename, join } from 'node:path';
import { ImageSourceError } from '../errors.ts';
import { ClassLabels } from './class-labels.ts';
import { IndexBuilder } from './index-builder.ts';
import type { Indexed } from './index-cache.ts';
import { pause } from './pause.ts';
import { type TarEntry, TarFile } from './tar-file.ts';
import { Watch } from './watched.ts';

const IMAGES = new Set(['jpg', 'jpeg', 'png', 'webp', 'gif', 'tif', 'tiff', 'avif']);
/** Of a `.cls` or `.json` file. */
const MOST_TEXT = 2 ** 20;

/** The files of one sample that count. */
interface Sample {
  key: string;
  image?: TarEntry;
  label?: { entry: TarEntry; json: boolean };
}

/**
 * The samples of shards, in their order. A label is a number, or a class by its name: the content of `key.cls`, or a field of `key.json`. Throws ArchiveError for a damaged
 * archive; ImageSourceError for an image without a label, and for numbers among names.
 */
export async function indexShards(
  root: string,
  shards: readonly string[],
  { known, field = 'label' }: { known: readonly string[] | undefined; field?: string | undefined },
  log: (line: string) => void,
): Promise<Indexed> {
  const watch = new Watch(root);
  const builder = new IndexBuilder('archives');
  const labels = new SampleLabels(root, known);
  const breathe = pause(log);
  let alone = 0;
  for (const shard of shards) {
    watch.file(shard);
    const archive = new TarFile(join(root, shard));
    try {
      builder.open(shard);
      for (const { key, image, label } of samples(archive)) {
        await breathe(builder.count);
        if (!image) {
          alone++;
          continue;
        }
        const named = `${archive.path}: ${key}`;
        if (!label)
          throw new ImageSourceError(named, `this image has no label; ${key}.cls or ${key}.json should be beside it`);
        builder.add(image.name, labels.of(named, labelText(archive, label, field)), image.at, image.bytes);
      }
    } finally {
      archive.close();
    }
  }
  if (builder.count === 0)
    throw new ImageSourceError(
      join(root, shards[0]),
      `no images in ${shards.length > 1 ? `it and the other ${shards.length - 1} archives` : 'this archive'}; WebDataset has key.jpg and key.cls for each`,
    );
  const notes = alone > 0 ? [`${alone} samples have no image`] : [];
  return { builder, folders: labels.settle(builder.allLabels), notes, watch };
}

function* samples(archive: TarFile): Generator<Sample> {
  let sample: Sample | undefined;
  for (const entry of archive.entries()) {
    const file = basename(entry.name);
    const dot = file.indexOf('.');
    if (dot <= 0) continue;
    const key = entry.name.slice(0, entry.name.length - file.length + dot);
    const kind = file.slice(dot + 1).toLowerCase();
    if (sample?.key !== key) {
      if (sample) yield sample;
      sample = { key };
    }
    if (IMAGES.has(kind)) sample.image = entry;
    else if (kind === 'cls') sample.label = { entry, json: false };
    else if (kind === 'json') sample.label ??= { entry, json: true };
  }
  if (sample) yield sample;
}

function labelText(archive: TarFile, { entry, json }: NonNullable<Sample['label']>, field: string): string {
  const where = `${archive.path}: ${entry.name}`;
  if (entry.bytes > MOST_TEXT) throw new ImageSourceError(where, `${entry.bytes} bytes are more than a label has`);
  const text = Buffer.from(archive.read(entry.at, entry.bytes)).toString('utf8').trim();
  if (!json) return text;
  let value: unknown;
  try {
    value = JSON.parse(text)?.[field];
  } catch {
    throw new ImageSourceError(where, 'it is not JSON');
  }
  if (typeof value !== 'number' && typeof value !== 'string')
    throw new ImageSourceError(
      where,
      `it has no label in its field ${JSON.stringify(field)}; name the field that has it`,
    );
  return String(value);
}

/** Labels of samples, by numbers or by names. */
class SampleLabels {
  private readonly known: readonly string[] | undefined;
  private readonly names: ClassLabels;
  private numbers: boolean | undefined;
  private most = 0;

  constructor(root: string, known: readonly string[] | undefined) {
    this.known = known;
    this.names = new ClassLabels(root, known);
  }

  of(where: string, text: string): number {
    const isNumber = /^\d{1,9}$/.test(text);
    if (text === '' || text.length > 200) throw new ImageSourceError(where, 'its label is no number and no name');
    this.numbers ??= isNumber;
    if (isNumber !== this.numbers)
      throw new ImageSourceError(where, `its label ${text} is a ${isNumber ? 'number' : 'name'}, and others are not`);
    if (!isNumber) return this.names.of(text);
    const label = Number(text);
    const most = this.known?.length ?? 65_536;
    if (label >= most)
      throw new ImageSourceError(where, `its label is ${label}, and there are ${most} classes, from 0`);
    this.most = Math.max(this.most, label);
    return label;
  }

  /** The classes by label. Names that were not known get labels in their order, which puts right those that were given. */
  settle(given: Uint16Array): readonly string[] {
    if (this.known) return this.known;
    if (this.numbers) return Array.from({ length: this.most + 1 }, (_, label) => String(label));
    const found = this.names.all();
    const sorted = [...found].sort();
    const places = new Map(sorted.map((name, label) => [name, label]));
    const to = found.map((name) => places.get(name)!);
    for (let i = 0; i < given.length; i++) given[i] = to[given[i]];
    return sorted;
  }
}

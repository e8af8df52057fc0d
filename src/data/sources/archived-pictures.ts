// Pictures in tar archives, whatever their classes are: each has a place in a file, and is read from there.
import { isPictureName } from '../image/kinds.ts';
import type { EncodedImage } from '../transform/read-rgb.ts';
import { TarFile } from './tar-file.ts';

/** A picture in an archive, by its place there. */
export interface ArchivedPicture {
  /** As errors have it: `val.tar: a.jpg`. */
  name: string;
  archive: string;
  at: number;
  bytes: number;
}

/** The pictures of an archive, in its own order, with those of archives in it. Throws ArchiveError. */
export function archivedPictures(archive: string): ArchivedPicture[] {
  const tar = new TarFile(archive);
  try {
    const found: ArchivedPicture[] = [];
    for (const { name, at, bytes } of tar.entries())
      if (isPictureName(name)) found.push({ name: `${archive}: ${name}`, archive, at, bytes });
      else if (name.endsWith('.tar'))
        for (const inner of tar.entries(at, at + bytes))
          if (isPictureName(inner.name))
            found.push({ name: `${archive}: ${name}: ${inner.name}`, archive, at: inner.at, bytes: inner.bytes });
    return found;
  } finally {
    tar.close();
  }
}

/** Its bytes, encoded as they lie there. Throws ArchiveError. */
export function readArchived({ name, archive, at, bytes }: ArchivedPicture): EncodedImage {
  const tar = new TarFile(archive);
  try {
    return { name, bytes: tar.read(at, bytes) };
  } finally {
    tar.close();
  }
}

// Pictures as a command line names them, in files, folders and archives: found first, decoded some at a time. What cannot be had is told by its name, and loses no other.
import {
  type ArchivedPicture,
  ArchiveError,
  archivedPictures,
  decodeFile,
  findPictures,
  ImageDecodeError,
  isArchiveName,
  type PictureWay,
  readArchived,
} from '../../data/index.ts';

/** A picture by its path, or its place in an archive. */
export type NamedPicture = string | ArchivedPicture;

/** What cannot be read, and why. */
export interface Skipped {
  file: string;
  reason: string;
}

/** A picture at a network's size. */
export interface Decoded {
  name: string;
  pixels: Uint8Array;
}

/** What the paths of a command line name, and what cannot be read of it. */
export async function namedPictures(
  paths: readonly string[],
): Promise<{ pictures: NamedPicture[]; skipped: Skipped[] }> {
  const { files, skipped: unread } = await findPictures(paths);
  const skipped = [...unread];
  const pictures: NamedPicture[] = [];
  for (const file of files)
    try {
      for (const picture of isArchiveName(file) ? archivedPictures(file) : [file]) pictures.push(picture);
    } catch (error) {
      if (!(error instanceof ArchiveError)) throw error;
      skipped.push({ file, reason: error.reason });
    }
  return { pictures, skipped };
}

/** Some of them as pixels. */
export async function decodePictures(
  pictures: readonly NamedPicture[],
  way: PictureWay,
): Promise<{ decoded: Decoded[]; skipped: Skipped[] }> {
  const decoded: Decoded[] = [];
  const skipped: Skipped[] = [];
  for (const picture of pictures) {
    const name = typeof picture === 'string' ? picture : picture.name;
    try {
      const file = typeof picture === 'string' ? picture : readArchived(picture);
      decoded.push({ name, pixels: await decodeFile(file, way) });
    } catch (error) {
      // An archive may have changed since its pictures were found.
      if (!(error instanceof ImageDecodeError || error instanceof ArchiveError)) throw error;
      skipped.push({ file: name, reason: error.reason });
    }
  }
  return { decoded, skipped };
}

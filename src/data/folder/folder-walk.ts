// What lies below a data folder, by names alone. Whatever cannot be taken is named: a folder that silently counts for nothing, or twice, would be learned
// without a word.
import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { isOwnFolder } from '../../io/index.ts';
import { ImageFolderError } from '../errors.ts';
import { isPictureName } from '../image/kinds.ts';
import { endOf, type FolderEntries, isHidden, type SkippedFile, type Walk } from './walk.ts';

type Kind = 'folder' | 'file' | 'other' | 'told';

/** A name as it can be shown, and whether it can be used: `caf\xe9` is no UTF-8. */
function nameOf(bytes: Buffer): { name: string; valid: boolean } {
  try {
    return { name: new TextDecoder('utf-8', { fatal: true }).decode(bytes), valid: true };
  } catch {
    const shown = Array.from(bytes, (byte) =>
      byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`,
    );
    return { name: shown.join(''), valid: false };
  }
}

const REASONS: Record<string, string> = {
  ENOENT: 'is a link to a place that is gone',
  ELOOP: 'is a link that leads in a circle',
  EACCES: 'may not be read',
  EPERM: 'may not be read',
};
const reasonOf = (error: unknown): string =>
  REASONS[(error as NodeJS.ErrnoException).code ?? ''] ?? `cannot be read (${(error as Error).message})`;

/** One reading of a data folder. It goes into each real folder once. */
export class FolderWalk implements Walk {
  readonly sep = sep;
  readonly join = join;
  /** Folders that count for nothing, each with its reason. */
  readonly leftOut: SkippedFile[] = [];
  /** Files of classes that are no images by their names, by the ends of these. */
  readonly others = new Map<string, number>();
  /** Files of classes that cannot be opened by their names. */
  readonly skipped: SkippedFile[] = [];
  /** Folders of classes, and those below them. */
  readonly entered: string[] = [];
  private readonly root: string;
  private readonly looked = new Map<string, Promise<FolderEntries>>();
  /** Every real folder that was gone into, and the way to it. */
  private readonly seen = new Map<string, string>();

  constructor(root: string) {
    this.root = root;
  }

  /** What lies directly in a folder. Throws ImageFolderError where something in it may be a folder of images and cannot be told. */
  look(folder: string): Promise<FolderEntries> {
    const before = this.looked.get(folder);
    if (before) return before;
    const found = this.list(folder);
    this.looked.set(folder, found);
    return found;
  }

  private async list(folder: string): Promise<FolderEntries> {
    if (join(folder) === join(this.root) && isOwnFolder(folder))
      throw new ImageFolderError(folder, 'astrogpu wrote this folder; name the one with the images to learn');
    const found: FolderEntries = { folders: [], images: [], others: [] };
    for (const entry of await this.read(folder)) {
      const { name, valid } = nameOf(entry.name);
      if (isHidden(name)) continue;
      const path = join(folder, name);
      if (!valid) {
        if (entry.isFile()) this.skipped.push({ file: path, reason: 'its name is not UTF-8; rename it' });
        else throw new ImageFolderError(path, 'its name is not UTF-8; rename this folder');
        continue;
      }
      const kind = await this.kindOf(entry, path);
      if (kind === 'file') {
        (isPictureName(name) ? found.images : found.others).push(name);
      } else if (kind === 'folder') {
        if (isOwnFolder(path)) this.leftOut.push({ file: path, reason: 'astrogpu wrote it' });
        else found.folders.push(name);
      } else if (kind === 'other' && isPictureName(name)) this.skipped.push({ file: path, reason: 'is no file' });
    }
    found.folders.sort();
    found.images.sort();
    return found;
  }

  /** The images in a folder and in those below it, as paths from it, in order. Throws ImageFolderError where links lead to one folder twice or back up. */
  async imagesBelow(folder: string): Promise<string[]> {
    const images: string[] = [];
    const enter = async (path: string): Promise<void> => {
      await this.enter(path);
      const inside = await this.look(path);
      // Nobody looks again, and the names of a large set take much memory.
      this.looked.delete(path);
      for (const name of inside.images) images.push(relative(folder, join(path, name)));
      for (const name of inside.others) {
        const end = endOf(name);
        this.others.set(end, (this.others.get(end) ?? 0) + 1);
      }
      for (const name of inside.folders) await enter(join(path, name));
    };
    await enter(folder);
    return images.sort();
  }

  private async read(folder: string): Promise<Dirent<Buffer>[]> {
    try {
      return await readdir(folder, { withFileTypes: true, encoding: 'buffer' });
    } catch (error) {
      throw new ImageFolderError(folder, `${reasonOf(error)}; mend or remove it`);
    }
  }

  /** Links are followed. One to nowhere that looks like an image is skipped; any other may have been a class. */
  private async kindOf(entry: Dirent<Buffer>, path: string): Promise<Kind> {
    if (!entry.isSymbolicLink()) return entry.isDirectory() ? 'folder' : entry.isFile() ? 'file' : 'other';
    try {
      const to = await stat(path);
      return to.isDirectory() ? 'folder' : to.isFile() ? 'file' : 'other';
    } catch (error) {
      const reason = reasonOf(error);
      if (!isPictureName(path)) throw new ImageFolderError(path, `${reason}; mend or remove it`);
      this.skipped.push({ file: path, reason });
      return 'told';
    }
  }

  private async enter(path: string): Promise<void> {
    const real = await realpath(path);
    const before = this.seen.get(real);
    if (before !== undefined)
      throw new ImageFolderError(
        path,
        `is the same folder as ${before}, so its images would count twice; remove one of the two`,
      );
    const inside = `${real}${real.endsWith(sep) ? '' : sep}`;
    for (const other of [await realpath(this.root), ...this.seen.keys()])
      if (other === real || other.startsWith(inside))
        throw new ImageFolderError(
          path,
          `leads back up to ${real}, which holds ${this.seen.get(other) ?? this.root}; remove this link`,
        );
    this.seen.set(real, path);
    this.entered.push(path);
  }
}

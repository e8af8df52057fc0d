// A data folder as the paths of its files, as a page is given it. Paths have slashes.
import { isPictureName } from '../image/kinds.ts';
import { endOf, type FolderEntries, isHidden, type SkippedFile, type Walk } from './walk.ts';

/** The folders that all paths have before them; of a file by itself those that it is in. */
export function commonFolder(paths: readonly string[]): string {
  const [first = '', ...others] = paths;
  let common = first.split('/').slice(0, -1);
  for (const path of others) {
    const folders = path.split('/').slice(0, -1);
    const differs = common.findIndex((folder, i) => folders[i] !== folder);
    if (differs >= 0) common = common.slice(0, differs);
  }
  return common.join('/');
}

class ListedWalk implements Walk {
  readonly leftOut: SkippedFile[] = [];
  readonly others = new Map<string, number>();
  readonly skipped: SkippedFile[] = [];
  readonly sep = '/';
  private readonly entries = new Map<string, { folders: Set<string>; files: string[] }>();

  constructor(paths: readonly string[]) {
    for (const path of paths) {
      const parts = path.split('/').filter(Boolean);
      if (parts.some(isHidden)) continue;
      for (let depth = 0; depth < parts.length; depth++) {
        const inside = this.of(parts.slice(0, depth).join('/'));
        if (depth < parts.length - 1) inside.folders.add(parts[depth]);
        else inside.files.push(parts[depth]);
      }
    }
  }

  private of(folder: string): { folders: Set<string>; files: string[] } {
    const entries = this.entries.get(folder) ?? { folders: new Set(), files: [] };
    this.entries.set(folder, entries);
    return entries;
  }

  join(folder: string, name: string): string {
    return folder === '' ? name : `${folder}/${name}`;
  }

  async look(folder: string): Promise<FolderEntries> {
    const { folders, files } = this.of(folder);
    return {
      folders: [...folders].sort(),
      images: files.filter(isPictureName).sort(),
      others: files.filter((name) => !isPictureName(name)),
    };
  }

  async imagesBelow(folder: string): Promise<string[]> {
    const { folders, images, others } = await this.look(folder);
    for (const name of others) this.others.set(endOf(name), (this.others.get(endOf(name)) ?? 0) + 1);
    const all = [...images];
    for (const name of folders)
      for (const path of await this.imagesBelow(this.join(folder, name))) all.push(`${name}/${path}`);
    return all.sort();
  }
}

/** A walk through the paths of files, such as a browser gives of a folder. */
export const walkOfPaths = (paths: readonly string[]): Walk => new ListedWalk(paths);

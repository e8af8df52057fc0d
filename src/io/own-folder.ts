// Which folders this package wrote: so that its pictures of curves and maps are never read as somebody's images.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** In folders of pictures that have no configuration beside them. */
const MARK = '.astrogpu';

/** Marks a folder that was made for what a command writes. */
export const markFolder = (folder: string): void =>
  writeFileSync(join(folder, MARK), 'Written by astrogpu. It takes this folder for no class of images.\n');

/** Is it a run's folder, or one that was marked? */
export function isOwnFolder(folder: string): boolean {
  if (existsSync(join(folder, MARK))) return true;
  try {
    const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
    return typeof config?.config === 'object' && typeof config.adapter === 'string';
  } catch {
    return false;
  }
}

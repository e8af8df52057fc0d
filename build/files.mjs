// What the steps of the build share: where the project is, its files, and running a program on them. Plain JavaScript with JSDoc types, because it runs before
// anything is built.
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Files below a folder whose names end so, as paths from the root; data folders are left out.
 * @param {string} folder
 * @param {string} ending
 * @returns {string[]}
 */
export function listFiles(folder, ending) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return /^datasets\/[^/]+\/data$/.test(path) ? [] : listFiles(path, ending);
    return path.endsWith(ending) ? [path] : [];
  });
}

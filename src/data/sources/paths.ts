// What a path leads to.
import { readdirSync, statSync } from 'node:fs';

export const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

export const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** Whether a folder holds others. */
export const holdsFolders = (path: string): boolean =>
  isFolder(path) &&
  readdirSync(path, { withFileTypes: true }).some((entry) => entry.isDirectory() || entry.isSymbolicLink());

// What a person dropped on the page: files, or folders with all that is in them, as lists of paths; nothing is read of them here.

export interface Dropped {
  path: string;
  file: File;
}

/** All files of a drop. A browser tells of folders only while the drop is handled, so this is called at once. */
export async function filesOf(transfer: DataTransfer): Promise<Dropped[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  return (await Promise.all(entries.map(filesIn))).flat();
}

/** Of a file chooser, which gives the paths of a folder's files. */
export const filesChosen = (list: FileList | null): Dropped[] =>
  [...(list ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));

/** Of CIFAR-10's binary version, or of its Python version, which is refused by name. */
const BATCH = /(?:^|\/)(?:data_batch_\d|test_batch)(?:\.bin)?$/;
const ARCHIVE = /^[^/]+\.(?:tar|tar\.gz|tgz)$/i;

/** Are these CIFAR-10's files, loose or in a folder, or the archive of them? Loose files that are neither these nor pictures by their type are what was `asked` for. */
export const isCifar10 = (files: readonly Dropped[], asked: string): boolean =>
  files.some(({ path }) => BATCH.test(path) || ARCHIVE.test(path)) ||
  (asked === 'cifar10' &&
    files.length > 0 &&
    !files.some(({ path, file }) => path.includes('/') || file.type.startsWith('image/')));

/** A system's own files, which are in many folders and belong to nobody's images. */
const STRANGERS = /(^|\/)(\.[^/]*|Thumbs\.db|desktop\.ini)$/;

async function filesIn(entry: FileSystemEntry): Promise<Dropped[]> {
  if (STRANGERS.test(entry.fullPath)) return [];
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ path: entry.fullPath.replace(/^\//, ''), file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: Dropped[] = [];
  // It gives a hundred at a time, and none when there are no more.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return found;
    found.push(...(await Promise.all(some.map(filesIn))).flat());
  }
}

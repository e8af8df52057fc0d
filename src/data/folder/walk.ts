// What the search for class folders asks of what lies below a data folder, on a disk (folder-walk.ts) or in a list of paths (listed-walk.ts).

/** A file or folder that was left out. */
export interface SkippedFile {
  file: string;
  reason: string;
}

/** What lies directly in a folder, by name and in order. */
export interface FolderEntries {
  folders: string[];
  images: string[];
  /** Files that are no images by their names. */
  others: string[];
}

/** One reading of a data folder. */
export interface Walk {
  /** Folders that count for nothing, each with its reason. */
  readonly leftOut: SkippedFile[];
  /** Files of classes that are no images by their names, by the ends of these. */
  readonly others: ReadonlyMap<string, number>;
  /** Files of classes that cannot be opened by their names. */
  readonly skipped: readonly SkippedFile[];
  /** Between the parts of a path. */
  readonly sep: string;
  join(folder: string, name: string): string;
  /** What lies directly in a folder. */
  look(folder: string): Promise<FolderEntries>;
  /** The images in a folder and in those below it, as paths from it, in order. */
  imagesBelow(folder: string): Promise<string[]>;
}

/** Names that a person does not see, and a Mac's archives have beside those that one does. */
export const isHidden = (name: string): boolean => name.startsWith('.') || name === '__MACOSX';

/** How a file's name ends, with its point. */
export const endOf = (name: string): string => /[^/\\]+?(\.[^.]*)$/.exec(name)?.[1] || 'no ending';

// Which label a class has: its place among those that are known, or among those that come.
import { ImageSourceError } from '../errors.ts';
import { MOST_CLASSES } from '../image/image-set.ts';

/** Gives labels to classes by the names of their folders (synsets). */
export class ClassLabels {
  private readonly where: string;
  private readonly labels: Map<string, number>;
  private readonly fixed: boolean;

  /** `known` are the classes by label; without them each class that comes gets the next label. */
  constructor(where: string, known: readonly string[] | undefined) {
    this.where = where;
    this.labels = new Map(known?.map((folder, label) => [folder, label]));
    this.fixed = known !== undefined;
  }

  /** Throws ImageSourceError for a class that is not among those known. */
  of(folder: string): number {
    const label = this.labels.get(folder);
    if (label !== undefined) return label;
    if (this.fixed)
      throw new ImageSourceError(
        this.where,
        `class ${folder} is not among the ${this.labels.size} classes that are known; remove it, or name all classes`,
      );
    this.labels.set(folder, this.labels.size);
    return this.labels.size - 1;
  }

  /** All classes by label. Throws ImageSourceError where there is only one, and where there are too many. */
  all(): string[] {
    const folders = [...this.labels.keys()];
    if (folders.length === 1)
      throw new ImageSourceError(this.where, `only one class (${folders[0]}), so there is nothing to learn`);
    if (folders.length > MOST_CLASSES)
      throw new ImageSourceError(
        this.where,
        `${folders.length} classes are more than labels can hold (${MOST_CLASSES}); take fewer`,
      );
    return folders;
  }
}

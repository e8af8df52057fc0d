// Images that a list names, such as one of annotations: no folder says what they are, and whoever has the list knows it.
import { basename, dirname } from 'node:path';
import { ImageSource } from './image-source.ts';
import { IndexBuilder } from './index-builder.ts';

/** Files as a source, item by item in their order; all have label 0. */
export function listedSource(files: readonly string[]): ImageSource {
  const builder = new IndexBuilder('files');
  let folder: string | undefined;
  for (const file of files) {
    if (dirname(file) !== folder) {
      folder = dirname(file);
      builder.open(folder);
    }
    builder.add(basename(file), 0);
  }
  return new ImageSource({ root: '', index: builder.finish([], [], undefined).buffer });
}

// Small pictures in a temporary folder, made by sharp when a test asks for them, and what is read of such folders.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { type LoadImageFolderOptions, loadImageFolder } from '../../../src/data/folder/image-folder.ts';
import type { ImageSet } from '../../../src/data/image/image-set.ts';
import { folder } from '../cifar10/files.ts';

export type Color = readonly [number, number, number];

/** A picture whose pixel (x, y) is `at(x, y)`. */
export function picture(width: number, height: number, at: (x: number, y: number) => Color): Sharp {
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) pixels.set(at(x, y), (y * width + x) * 3);
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

/** A picture of one color. */
export const plain = (color: Color, width = 8, height = 8): Sharp => picture(width, height, () => color);

/** Writes files below a fresh folder and returns it; what is undefined becomes an empty folder. */
export async function files(tree: Record<string, Buffer | string | undefined>): Promise<string> {
  const dir = await folder();
  for (const [name, bytes] of Object.entries(tree)) {
    const path = join(dir, name);
    await mkdir(bytes === undefined ? path : dirname(path), { recursive: true });
    if (bytes !== undefined) await writeFile(path, bytes);
  }
  return dir;
}

/** A JPEG cut off in the middle. */
export async function truncatedJpeg(): Promise<Buffer> {
  const whole = await picture(64, 48, (x, y) => [(x * 37) & 255, (y * 91) & 255, (x * y) & 255])
    .jpeg()
    .toBuffer();
  return whole.subarray(0, Math.floor(whole.length * 0.6));
}

/** What a promise is rejected with. */
export async function failure(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => {
      throw new Error('this should have failed');
    },
    (error: Error) => error,
  );
}

/** A picture of one color by its red. */
export const png = (red: number, width = 6, height = 6): Promise<Buffer> =>
  plain([red, 0, 100], width, height).png().toBuffer();

/** The red of each image: images are of one color, so it says which file they came from. */
export const reds = (set: ImageSet): number[] =>
  Array.from({ length: set.count }, (_, i) => set.images[i * set.height * set.width * 3]);

/** `count` images of each class, class k in reds 20·k, 20·k + 1, … */
export async function classes(names: readonly string[], count: number, below = ''): Promise<Record<string, Buffer>> {
  const tree: Record<string, Buffer> = {};
  for (const [k, name] of names.entries())
    for (let i = 0; i < count; i++) tree[`${below}${name}/${String(i).padStart(3, '0')}.png`] = await png(20 * k + i);
  return tree;
}

/** The folder at 4×4 pixels. */
export const load = (dir: string, options: Partial<LoadImageFolderOptions> = {}) =>
  loadImageFolder(dir, { size: 4, ...options });

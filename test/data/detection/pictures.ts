// Pictures with objects on a disk, made when a test asks: gray noise, and on it rectangles of one color each, which are the objects.
import { join } from 'node:path';
import type { DetectionImage } from '../../../src/data/coco/training-objects.ts';
import { type Color, picture } from '../folder/image-files.ts';
import { put } from '../sources/sets.ts';

/** What is drawn: sides and boxes. */
export interface Drawn {
  width: number;
  height: number;
  boxes?: readonly (readonly [x: number, y: number, width: number, height: number])[];
  /** Bytes of the file in place of the picture. */
  bytes?: Buffer;
  crowd?: boolean;
}

/** The color of an object by its place in the list. */
export const colorOf = (object: number): Color => [250 - 40 * object, 10, 60 * object];

/** The pictures as files, in order; object k of each is of class k. */
export async function drawn(all: readonly Drawn[]): Promise<DetectionImage[]> {
  const files: Record<string, Buffer> = {};
  const name = (i: number): string => `${String(i).padStart(3, '0')}.png`;
  for (const [i, { width, height, boxes = [], bytes }] of all.entries()) {
    const at = (px: number, py: number): Color => {
      const k = boxes.findIndex(([x, y, w, h]) => px >= x && py >= y && px < x + w && py < y + h);
      const gray = 90 + ((px * 7 + py * 13 + i * 29) % 60);
      return k < 0 ? [gray, gray, gray] : colorOf(k);
    };
    files[name(i)] = bytes ?? (await picture(width, height, at).png().toBuffer());
  }
  const folder = await put(files);
  return all.map(({ width, height, boxes = [], crowd = false }, i) => ({
    file: join(folder, name(i)),
    width,
    height,
    objects: boxes.map((box, category) => ({ box, category, crowd })),
  }));
}

/** `count` pictures with an object each, of which every third lies. */
export const some = (count: number): Promise<DetectionImage[]> =>
  drawn(
    Array.from({ length: count }, (_, i) => ({
      width: i % 3 === 0 ? 40 + i : 20,
      height: i % 3 === 0 ? 24 : 30 + i,
      boxes: [[2 + i, 3, 6, 9] as const].map(([x, y, w, h]) => [x % 10, y, w, h] as const),
    })),
  );

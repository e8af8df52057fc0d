// COCO's own values (coco.json, by coco.py), typed.
import { readFileSync } from 'node:fs';
import type { CompressedMask } from '../../src/data/index.ts';

/** The twelve numbers in COCO's order, and the mean precision of each category in the order of ids. */
interface Numbers {
  scores: number[];
  categories: number[];
}

/** Outlines as COCO draws them, and a set with results and what its evaluation says of them. */
export interface CocoGolden {
  outlines: (CompressedMask & { polygon: number[]; area: number; box: number[] })[];
  instances: { images: { id: number; file_name: string }[]; annotations: Record<string, unknown>[] };
  results: Record<string, unknown>[];
  bbox: Numbers;
  segm: Numbers;
  /** Of results whose boxes, or masks, are left out. */
  bboxOfMasks: Numbers;
  segmAlone: Numbers;
  bboxAlone: Numbers;
}

export const cocoGolden: CocoGolden = JSON.parse(readFileSync(new URL('coco.json', import.meta.url), 'utf8'));

// Detections as COCO takes and gives them: a list of results in JSON, each by the file's own ids, with a box, a score and a mask as compressed runs.
import { isRecord, parseJson } from '../../gpu/index.ts';
import { readWhole, textOf, unreadable, writeFileAtomic } from '../../io/index.ts';
import { CocoFormatError } from '../errors.ts';
import type { CocoId } from './instances.ts';
import type { CocoBox } from './runs.ts';
import { type CompressedMask, compressMask, readRuns } from './runs-text.ts';
import { areNumbers, isId, isNumber } from './values.ts';

/** One detection. */
export interface CocoResult {
  /** The image's id in the list of instances. */
  image: CocoId;
  /** The category's id there, not its position. */
  category: CocoId;
  score: number;
  /** Absent where a result is a mask alone. */
  box?: CocoBox;
  /** As compressed text: a set's results are millions of runs. */
  mask?: CompressedMask;
}

/** Results to a piece of the file: a set's results may be longer than a text can be. */
const PIECE = 1000;

/** Writes results as COCO's JSON, whole or not at all. Throws the file system's error. */
export function writeCocoResults(path: string, results: readonly CocoResult[]): void {
  const pieces: Uint8Array[] = [Buffer.from('[')];
  for (let at = 0; at < results.length; at += PIECE) {
    const rows = results.slice(at, at + PIECE).map((result) => JSON.stringify(rowOf(result)));
    pieces.push(Buffer.from(`${at > 0 ? ',' : ''}\n${rows.join(',\n')}`));
  }
  pieces.push(Buffer.from('\n]\n'));
  writeFileAtomic(path, pieces);
}

/** A result as a row of COCO's JSON. */
export const rowOf = ({ image, category, score, box, mask }: CocoResult): Record<string, unknown> => ({
  image_id: image,
  category_id: category,
  ...(box && { bbox: box }),
  score,
  ...(mask && { segmentation: mask }),
});

/**
 * Reads a file of results. A mask may be runs as numbers, too. Throws CocoFormatError for a file that cannot be read, is no list of results, or has
 * one that is damaged, by its position.
 */
export async function readCocoResults(file: string): Promise<CocoResult[]> {
  const refuse = (reason: string): CocoFormatError => new CocoFormatError(file, reason);
  const bytes = await readWhole(file).catch((error) => {
    throw refuse(unreadable(error));
  });
  const list = parseJson(textOf(bytes, refuse), refuse);
  if (!Array.isArray(list))
    throw refuse('is no list; results are a list of image_id, category_id, bbox, score and segmentation');
  return list.map((row, i) => {
    const result = resultOf(isRecord(row) ? row : {});
    if (typeof result === 'string') throw refuse(`result ${i} ${result}`);
    return result;
  });
}

/** A row as a result, or what is wrong with it. */
function resultOf(row: Record<string, unknown>): CocoResult | string {
  const { image_id: image, category_id: category, bbox, score, segmentation } = row;
  if (!isId(image) || !isId(category)) return 'has no image_id or no category_id';
  if (!isNumber(score)) return 'has no score';
  const mask = segmentation === undefined ? undefined : maskOf(segmentation);
  if (typeof mask === 'string') return mask;
  if (bbox === undefined && mask) return { image, category, score, mask };
  if (!areNumbers(bbox) || bbox.length !== 4 || bbox[2] < 0 || bbox[3] < 0) return 'has no bbox [x, y, width, height]';
  const box = [bbox[0], bbox[1], bbox[2], bbox[3]] as const;
  return { image, category, score, box, ...(mask && { mask }) };
}

/** A mask of a row, or what is wrong with it. */
function maskOf(segmentation: unknown): CompressedMask | string {
  const { size, counts } = isRecord(segmentation) ? segmentation : {};
  const isText = typeof counts === 'string';
  if (!Array.isArray(size) || size.length !== 2 || !size.every((side) => Number.isInteger(side) && side > 0))
    return 'has a segmentation without a size [height, width]; results have runs, not outlines';
  if (!isText && !areNumbers(counts)) return 'has a segmentation without runs';
  try {
    const runs = readRuns([size[0], size[1]], counts);
    return isText ? { size: [size[0], size[1]], counts } : compressMask(runs);
  } catch (error) {
    return `has a damaged segmentation (${(error as Error).message})`;
  }
}

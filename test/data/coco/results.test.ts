// Results in COCO's JSON: what was written comes back, and what others wrote is read or refused in one line.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CocoResult, readCocoResults, writeCocoResults } from '../../../src/data/coco/results.ts';
import { CocoFormatError } from '../../../src/data/errors.ts';
import { failure, files } from '../folder/image-files.ts';

const row = { image_id: 9, category_id: 18, bbox: [1, 2, 3.5, 4], score: 0.25 };
const written = async (value: unknown): Promise<string> =>
  join(await files({ 'results.json': typeof value === 'string' ? value : JSON.stringify(value) }), 'results.json');

describe('results', () => {
  it('come back as they were written', async () => {
    const path = join(await files({ 'other.json': '' }), 'results.json');
    const results: CocoResult[] = Array.from({ length: 2500 }, (_, i) => ({
      image: i % 3 ? i : `${i}.jpg`,
      category: 18,
      score: 1 / (i + 1),
      box: [i, 0.1, 3, 4],
      ...(i % 2 && { mask: { size: [3, 4] as const, counts: '336' } }),
    }));
    writeCocoResults(path, results);
    expect(await readCocoResults(path)).toEqual(results);
    expect(JSON.parse(readFileSync(path, 'utf8'))[1]).toEqual({
      ...{ image_id: 1, category_id: 18, bbox: [1, 0.1, 3, 4], score: 0.5 },
      segmentation: { size: [3, 4], counts: '336' },
    });
    writeCocoResults(path, []);
    expect(await readCocoResults(path)).toEqual([]);
  });

  it('take runs as numbers, and may be masks alone', async () => {
    const { bbox, ...bare } = row;
    const segmentation = { size: [3, 4], counts: [3, 3, 6] };
    expect(await readCocoResults(await written([{ ...bare, segmentation }, row]))).toEqual([
      { image: 9, category: 18, score: 0.25, mask: { size: [3, 4], counts: '336' } },
      { image: 9, category: 18, score: 0.25, box: bbox },
    ]);
  });

  it.each<[string, unknown, RegExp]>([
    ['another file', { images: [] }, /is no list; results are/],
    ['a cut file', '[{"image_id": 9', /is not JSON, or cut short/],
    ['no image', [row, { ...row, image_id: undefined }], /result 1 has no image_id/],
    ['no score', [{ ...row, score: 'high' }], /result 0 has no score/],
    ['a short box', [{ ...row, bbox: [1, 2] }], /result 0 has no bbox/],
    ['no box at all', [{ ...row, bbox: undefined }], /result 0 has no bbox/],
    ['no entry', [null], /result 0 has no image_id/],
    ['outlines', [{ ...row, segmentation: [[0, 0, 1, 0, 1, 1]] }], /results have runs, not outlines/],
    ['no runs', [{ ...row, segmentation: { size: [3, 4] } }], /without runs/],
    ['damaged runs', [{ ...row, segmentation: { size: [3, 4], counts: '33' } }], /damaged .*cover 6 pixels of 12/],
  ])('%s', async (_, value, message) => {
    const path = await written(value);
    const error = await failure(readCocoResults(path));
    expect(error).toBeInstanceOf(CocoFormatError);
    expect(error.message.startsWith(`${path}: `)).toBe(true);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('\n');
  });
});

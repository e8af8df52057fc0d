// Pictures of a command line: what changes or is damaged is told by its name and its byte, and the others are there.
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { decodePictures, namedPictures } from '../../src/cli/common/pictures.ts';
import { png, truncatedJpeg } from '../data/folder/image-files.ts';
import { put, tar } from '../data/sources/sets.ts';

it('an archive that becomes shorter while it is worked on costs the pictures that are gone', async () => {
  const archive = await tar({
    'a.png': await png(10, 12, 12),
    'bad.jpg': await truncatedJpeg(),
    'c.png': await png(30, 12, 12),
  });
  const dir = await put({ 'x.tar': archive, 'y.png': await png(50, 12, 12), 'z.tar': 'no archive' });
  const { pictures, skipped } = await namedPictures([dir]);
  expect(skipped).toEqual([{ file: join(dir, 'z.tar'), reason: expect.stringMatching(/byte 0/) }]);
  expect(pictures).toHaveLength(4);
  const [, , last] = pictures;
  if (typeof last === 'string') throw new Error('it lies in an archive');
  truncateSync(join(dir, 'x.tar'), last.at + 7);
  const found = await decodePictures(pictures, { size: 4 });
  expect(found.decoded.map(({ name }) => name)).toEqual([`${join(dir, 'x.tar')}: a.png`, join(dir, 'y.png')]);
  expect(found.skipped).toEqual([
    { file: `${join(dir, 'x.tar')}: bad.jpg`, reason: 'the image is cut short or damaged' },
    {
      file: `${join(dir, 'x.tar')}: c.png`,
      reason: `it ends at byte ${last.at + 7}, inside of an entry; was it changed?`,
    },
  ]);
});

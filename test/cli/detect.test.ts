// `detect` and `eval` of a detector as a person runs them, on a tiny one whose every location is an object, and what other commands say of its file.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { imageIds } from '../../src/cli/commands/detect.ts';
import { UsageError } from '../../src/cli/common/options.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { BoxInst } from '../../src/detect/model/box-inst.ts';
import { saveDetector } from '../../src/detect/model/detector-file.ts';
import { AstroError } from '../../src/gpu/device/errors.ts';
import { stateDict } from '../../src/nn/state-dict.ts';
import { plain, truncatedJpeg } from '../data/folder/image-files.ts';
import { smallBackbone } from '../support/detector.ts';
import { gpu } from '../support/gpu.ts';
import { cwd, makeSamples, network, removeSamples, write } from './samples.ts';

const home = process.cwd();
const third = [0.4, 0.4, 0.4];
const FILE = 'detector.safetensors';

beforeAll(async () => {
  makeSamples();
  process.chdir(cwd);
  network('net.safetensors');
  const detector = new BoxInst({
    ...{ backbone: smallBackbone(), classes: 2, channels: 16, towers: 1, maskChannels: 8, maskTowers: 1 },
  }).to(gpu, 3);
  const dict = await stateDict(detector);
  // Sure of everything that it sees.
  dict.get('fcos_head.cls_logits.bias')!.data.fill(2);
  await saveDetector(FILE, detector, {
    categories: [
      { id: 7, name: 'disc' },
      { id: 90, name: 'ring' },
    ],
    preprocessing: { normalization: { mean: third, std: third }, shortSide: 64, longSide: 128 },
    dict,
  });
  const jpeg = (width: number, height: number) => plain([200, 40, 30], width, height).jpeg().toBuffer();
  write('photos', {
    '000000000139.jpg': await jpeg(80, 60),
    'cat.jpg': await jpeg(50, 70),
    'bad.jpg': await truncatedJpeg(),
  });
  const object = {
    id: 1,
    image_id: 1,
    category_id: 90,
    bbox: [5, 5, 30, 30],
    area: 900,
    iscrowd: 0,
    segmentation: [[5, 5, 35, 5, 35, 35, 5, 35]],
  };
  const list = {
    images: [
      { id: 1, file_name: 'a.jpg', width: 80, height: 60 },
      { id: 2, file_name: 'b.jpg', width: 60, height: 60 },
      { id: 3, file_name: 'gone.jpg', width: 60, height: 60 },
    ],
    annotations: [object],
    categories: [
      { id: 7, name: 'disc' },
      { id: 90, name: 'ring' },
    ],
  };
  write('coco', {
    'instances.json': Buffer.from(JSON.stringify(list)),
    'images/a.jpg': await jpeg(80, 60),
    'images/b.jpg': await jpeg(60, 60),
  });
});
afterAll(() => {
  process.chdir(home);
  removeSamples();
});

/** What a command wrote, and how it ended. */
async function run(line: string): Promise<{ code: number; out: string; err: string }> {
  const text = { out: '', err: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((chunk) => {
      text[stream === 'stdout' ? 'out' : 'err'] += chunk;
      return true;
    }),
  );
  try {
    return { code: await dispatch(line.split(' ')), ...text };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

describe('detect', () => {
  it('draws what it finds and writes it as results; what cannot be decoded is told', async () => {
    const { code, out, err } = await run(`detect ${FILE} --image photos --out found`);
    expect(code).toBe(1);
    expect(out).toContain(`${FILE}: 2 classes, pictures with a short side of 64, the long one up to 128`);
    expect(out).toMatch(/photos\/cat\.jpg: (disc|ring) 0\.\d\d, .* and \d+ more; found\/cat\.png/);
    expect(err).toContain('photos/bad.jpg: ');
    expect(err).toContain('2 worked on, 1 skipped');
    expect((await sharp('found/cat.png').metadata()).height).toBe(1024);
    const results = JSON.parse(readFileSync('found/detections.json', 'utf8'));
    expect(new Set(results.map((one: { image_id: unknown }) => one.image_id))).toEqual(
      new Set([139, 'photos/cat.jpg']),
    );
    for (const { category_id, score, bbox, segmentation } of results) {
      expect([7, 90]).toContain(category_id);
      expect(score).toBeGreaterThanOrEqual(0.3);
      expect(bbox).toHaveLength(4);
      expect([
        [60, 80],
        [70, 50],
      ]).toContainEqual(segmentation.size);
    }
  });

  it('tells nothing below the threshold, and takes other sides', async () => {
    const { code, out } = await run(`detect ${FILE} photos/cat.jpg --threshold 1 --short 32 --out none`);
    expect(code).toBe(0);
    expect(out).toContain('short side of 32, the long one up to 64');
    expect(out).toContain('photos/cat.jpg: nothing found; none/cat.png');
    expect(JSON.parse(readFileSync('none/detections.json', 'utf8'))).toEqual([]);
  });

  it('calls pictures by their numbers where that is one', () => {
    expect(imageIds(['a/007.jpg', 'b.jpg', 'a/1.jpg', 'b/1.png'])).toEqual([7, 'b.jpg', 'a/1.jpg', 'b/1.png']);
  });
});

describe('eval of a detector', () => {
  it("tells COCO's numbers, what is missing, and each category", async () => {
    const { code, out } = await run(`eval ${FILE} --data coco --per-class --results results.json`);
    expect(code).toBe(0);
    expect(out).toContain('gone.jpg');
    expect(out).toMatch(/AP50 +AP75/);
    expect(out).toMatch(/\nbox +\d/);
    expect(out).toMatch(/\nmask +\d/);
    expect(out).toMatch(/\nring +\d/);
    expect(out).toMatch(/masks differ from their filled boxes in \d+\.\d % of the pixels of either/);
    expect(JSON.parse(readFileSync('results.json', 'utf8')).length).toBeGreaterThan(10);
  });

  it('as JSON, of some images', async () => {
    const { out } = await run(`eval ${FILE} --data coco --images 1 --json`);
    const all = JSON.parse(out);
    expect(all.data).toMatchObject({ images: 1, of: 2, missing: ['gone.jpg'] });
    expect(Object.keys(all.box)).toHaveLength(12);
    expect(all.mask.APs).toBeGreaterThanOrEqual(0);
    expect(all.mask.APl).toBeNull();
    expect(all.categories.map(({ id }: { id: number }) => id)).toEqual([7, 90]);
    expect(all.unlikeBoxes).toBeGreaterThan(0);
  });
});

describe('refusals, a line each', () => {
  it.each([
    ['detect', "name a detector's file"],
    [`detect ${FILE}`, '--image is missing'],
    [`detect ${FILE} photos/cat.jpg --threshold 2`, '--threshold 2: takes a number from 0 to 1'],
    [`detect ${FILE} photos/cat.jpg --out ${FILE}`, `--out ${FILE} cannot be written`],
    [`eval ${FILE}`, '--data is missing'],
    [`eval ${FILE} --data coco --confusion c.png`, `--confusion: ${FILE} is a detector, which does not take it`],
    ['eval net.safetensors --results r.json', '--results: net.safetensors is no detector, which does not take it'],
    [`eval ${FILE} --data coco --results ${FILE}`, 'this is what the command reads'],
  ])('%s', async (line, why) => {
    const error = await run(line).then(
      () => new Error('it was taken'),
      (error: Error) => error,
    );
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toContain(why);
    expect(error.message).not.toContain('\n');
  });

  it.each([
    [
      'detect net.safetensors photos/cat.jpg',
      'net.safetensors: this is a network that tells classes apart (tiny), no detector',
    ],
    ['detect photos photos/cat.jpg', 'photos is a folder; there is no network in it'],
    [`eval ${FILE} --data photos`, 'a COCO folder holds'],
    ...['predict', 'explain'].map((name) => [`${name} ${FILE} --image photos/cat.jpg`, 'this is a detector (BoxInst)']),
    [`compact ${FILE}`, 'this is a detector (BoxInst)'],
    [`export ${FILE} --out a.onnx`, 'this is a detector (BoxInst)'],
  ])('%s', async (line, why) => {
    const error = await run(line).then(
      () => new Error('it was taken'),
      (error: Error) => error,
    );
    expect(error).toBeInstanceOf(AstroError);
    expect(error.message).toContain(why);
    expect(error.message).not.toContain('\n');
    expect(existsSync(join(cwd, 'detected'))).toBe(false);
  });
});

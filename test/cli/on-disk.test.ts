// Commands on images that are never all in memory: class folders, ImageNet's archives and WebDataset's shards give the same numbers, for a network that knows how its pixels are made.
import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { picture } from '../data/folder/image-files.ts';
import { tar } from '../data/sources/sets.ts';
import { astrogpu, type Ended } from '../support/command.ts';
import { CLASSES, cwd, gates, inside, makeSamples, network, removeSamples, write } from './samples.ts';

const run = (line: string): Promise<Ended> => astrogpu(line.split(' '), cwd);

/** Three pictures of each class, by class and name. */
const pictures = new Map<string, Buffer>();

beforeAll(async () => {
  makeSamples();
  const folders = CLASSES.map((_, label) => `n0${label}`);
  for (const [label, folder] of folders.entries())
    for (let i = 0; i < 3; i++) {
      const at = (x: number, y: number) =>
        [80 * label + 9 * i, (200 - 60 * label + x * y) & 255, (30 + 20 * i * x) & 255] as const;
      pictures.set(
        `${folder}/${folder}_${i}.JPEG`,
        await picture(24 + i, 20, at)
          .jpeg()
          .toBuffer(),
      );
    }
  network('net.safetensors', {
    interpolation: 'bilinear',
    resize: 18,
    gates: gates(4),
    source: { kind: 'folder', path: inside('folders'), folders },
  });

  const files = [...pictures];
  const below = (part: string) => files.map(([name, bytes]): [string, Buffer] => [`${part}/${name}`, bytes]);
  write('folders', Object.fromEntries([...below('train'), ...below('val')]));

  mkdirSync(inside('official'));
  const flat = files.map(([name, bytes], i): [string, string, Buffer] => [`val_${i}.JPEG`, name.slice(0, 3), bytes]);
  writeFileSync(inside('official', 'ILSVRC2012_img_train.tar'), 'not needed where the classes are known');
  const val = await tar(Object.fromEntries(flat.map(([name, , bytes]) => [name, bytes])));
  writeFileSync(inside('official', 'ILSVRC2012_img_val.tar'), val);
  writeFileSync(
    inside('official', 'ILSVRC2012_val_labels.txt'),
    flat.map(([name, folder]) => `${name} ${folder}\n`).join(''),
  );

  mkdirSync(inside('shards'));
  for (let shard = 0; shard < 3; shard++)
    writeFileSync(
      inside('shards', `val-${shard}.tar`),
      await tar(
        Object.fromEntries(
          flat.slice(3 * shard, 3 * shard + 3).flatMap(([, , bytes], i): [string, Buffer | string][] => [
            [`${3 * shard + i}.jpg`, bytes],
            [`${3 * shard + i}.cls`, String(shard)],
          ]),
        ),
      ),
    );
});
afterAll(removeSamples);

/** What eval finds, and what it says. */
async function evaluated(line: string) {
  const { code, stdout, stderr } = await run(`eval ${line} --json --batch 4`);
  expect(stderr).not.toMatch(/Error|error/);
  expect(code).toBe(0);
  const { accuracy, loss, confusion, data } = JSON.parse(stdout);
  return { numbers: { accuracy, loss, confusion }, data, stderr };
}

it('eval takes an archive by its list, shards by their field, and what a network was tested with', async () => {
  const folders = await evaluated('net.safetensors');
  const list = '--val-labels official/ILSVRC2012_val_labels.txt';
  expect((await evaluated(`net.safetensors --data official/ILSVRC2012_img_val.tar ${list}`)).numbers).toEqual(
    folders.numbers,
  );
  const choice = { test: inside('shards', 'val-{0..2}.tar') };
  network('tested.safetensors', {
    ...{ interpolation: 'bilinear', resize: 18, gates: gates(4) },
    source: { kind: 'folder', path: inside('shards', 'val-{0..1}.tar'), choice },
  });
  const tested = await evaluated('tested.safetensors');
  expect(tested.numbers).toEqual(folders.numbers);
  expect(tested.stderr).not.toContain('so all are taken');
});

it('eval resizes images for a network whose file names no interpolation in one way, wherever they lie', async () => {
  network('bare.safetensors', {
    ...{ resize: 18, gates: gates(4) },
    source: { kind: 'folder', path: inside('folders'), folders: CLASSES.map((_, label) => `n0${label}`) },
  });
  const folders = await evaluated('bare.safetensors');
  expect((await evaluated('bare.safetensors --data official')).numbers).toEqual(folders.numbers);
  expect(folders.numbers.loss).not.toBe((await evaluated('net.safetensors')).numbers.loss);
});

it('eval refuses an image that cannot be decoded, or counts it nowhere and says so', async () => {
  const bad = await tar({ 'a.jpg': [...pictures.values()][0], 'a.cls': '0', 'b.jpg': 'none', 'b.cls': '1' });
  writeFileSync(inside('odd.tar'), bad);
  const refused = await run('eval net.safetensors --data odd.tar');
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/odd\.tar: b\.jpg: /);
  const { data, numbers } = await evaluated('net.safetensors --data odd.tar --odd skip');
  expect(data).toMatchObject({ images: 1, of: 2, leftOut: 1 });
  expect(numbers.confusion.flat().reduce((a: number, b: number) => a + b)).toBe(1);
  write('oddities', {
    'n00/1.jpg': [...pictures.values()][0],
    'n01/1.jpg': Buffer.from('none'),
    'n02/1.jpg': [...pictures.values()][8],
  });
  const { stdout } = await run('eval net.safetensors --data oddities --odd skip');
  expect(stdout).toMatch(/images: all test images of .*, but for 1 that cannot be decoded and counts nowhere\n/);
  expect(stdout).toMatch(/accuracy: .* of 2 images/);
});

it('eval gives the same numbers for folders and archives', async () => {
  const numbers = async (data: string, apart = true) => {
    const { code, stdout, stderr } = await run(`eval net.safetensors --json --batch 4${data}`);
    expect(stderr.includes('trained on, so all are taken')).toBe(!apart);
    expect(code).toBe(0);
    const { accuracy, loss, confusion } = JSON.parse(stdout);
    return { accuracy, loss, confusion };
  };
  const folders = await numbers('');
  expect(folders.confusion.flat().reduce((a: number, b: number) => a + b)).toBe(9);
  expect(await numbers(' --data official')).toEqual(folders);
  expect(await numbers(' --data shards/val-{0..2}.tar', false)).toEqual(folders);
});

it('compact checks on them, explain shows them, and predict reads an archive', async () => {
  expect((await run('compact net.safetensors --multiple 1 --data official')).stdout).toContain(
    'on 9 images of 3 classes of images',
  );
  const choice = { test: inside('official', 'ILSVRC2012_img_val.tar'), labels: inside('moved.txt') };
  network('moved.safetensors', {
    gates: gates(4),
    source: { kind: 'folder', path: inside('folders'), folders: CLASSES.map((_, label) => `n0${label}`), choice },
  });
  const noise = await run('compact moved.safetensors --multiple 1');
  expect(noise.stderr).toBe('');
  expect(noise.stdout).toMatch(/on \d+ images of noise/);
  const labels = '--val-labels official/ILSVRC2012_val_labels.txt';
  expect((await run(`compact moved.safetensors --multiple 1 ${labels}`)).stdout).toContain('on 9 images of 3 classes');
  const seen = await run('explain net.safetensors --data shards/val-{0..2}.tar --images 2 --out seen');
  expect(seen.stdout).toMatch(/^test-0000: .*\ntest-0001: /m);
  const alone = await run('predict net.safetensors --top 1 --image folders/val/n00/n00_1.JPEG');
  const { code, stdout } = await run('predict net.safetensors --top 1 --image official/ILSVRC2012_img_val.tar');
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(9);
  expect(lines[1]).toBe(alone.stdout.trimEnd().replace(/^.*?: /, 'official/ILSVRC2012_img_val.tar: val_1.JPEG: '));
});

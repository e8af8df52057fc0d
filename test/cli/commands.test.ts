// The commands as child processes, on one tiny network and a folder of colors: what they print, what they leave, and how they end.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it as test } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors.ts';
import { networkCost } from '../../src/models/graph/cost.ts';
import type { Graph } from '../../src/models/graph/graph.ts';
import { describeModel } from '../../src/models/zoo/registry.ts';
import { readNetwork } from '../../src/train/files/network-file.ts';
import { plain } from '../data/folder/image-files.ts';
import { astrogpu, type Ended } from '../support/command.ts';
import { decodeOnnx } from '../support/onnx-decode.ts';
import {
  CLASSES,
  colorFolder,
  cwd,
  gates,
  inside,
  makeSamples,
  network,
  oddPictures,
  randomDict,
  removeSamples,
  tinyGraph,
  write,
} from './samples.ts';

/** Most of a command's time is its start, so several run at a time. */
const it = test.concurrent;
const run = (line: string, env?: NodeJS.ProcessEnv): Promise<Ended> => astrogpu(line.split(' '), cwd, env);

beforeAll(async () => {
  makeSamples();
  network('net.safetensors', { gates: gates(3) });
  network('plain.safetensors');
  await colorFolder('colors');
  await colorFolder('fewer', ['blue', 'red']);
  await colorFolder('one', ['red']);
  await oddPictures('odd');
});
afterAll(removeSamples);

it('--help and --version answer on standard output, and what is wrong is one line on the other', async () => {
  const [help, version, wrong, missing] = await Promise.all(
    ['--help', '--version', 'evil', 'eval nowhere.safetensors'].map((line) => run(line)),
  );
  expect(help).toMatchObject({ code: 0, stderr: '' });
  for (const name of ['train', 'eval', 'predict', 'compact', 'explain', 'export', 'doctor'])
    expect(help.stdout).toMatch(new RegExp(`^  ${name} +\\S`, 'm'));
  const { version: expected } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(version).toMatchObject({ code: 0, stderr: '', stdout: `${expected}\n` });
  expect(wrong).toMatchObject({ code: 2, stdout: '' });
  expect(wrong.stderr).toMatch(/^there is no command "evil"; [^\n]*\n$/);
  expect(missing).toMatchObject({ code: 1, stdout: '' });
  expect(missing.stderr).toMatch(/^Checkpoint nowhere\.safetensors: [^\n]*\n$/);
});

it('eval: accuracy, loss, cost and time, on all of a folder that it was not trained on', async () => {
  const { code, stdout } = await run('eval net.safetensors --data colors --batch 2');
  expect(code).toBe(0);
  expect(stdout).toContain('images: all test images of 3 classes of images from colors');
  expect(stdout).toContain('does not say which images it was trained on, so all are taken');
  expect(stdout).toMatch(/^accuracy: \d+\.\d\d % of 15 images, loss \d\.\d{4}$/m);
  const { parameters, macs } = networkCost(tinyGraph());
  expect(stdout).toContain(`cost: ${parameters} parameters, ${((2 * macs) / 1e3).toPrecision(4)} kFLOPs an image`);
  expect(stdout).toMatch(/^time: [\d.e-]+ ms an image in batches of 2 \(median, from [\d.e-]+ to [\d.e-]+\)$/m);
  for (const name of CLASSES) expect(stdout).toMatch(new RegExp(`^${name} +\\d+\\.0 % +(\\d+\\.\\d %)? +5( |$)`, 'm'));
});

describe('compact', () => {
  it('writes the smaller network, and says what it saves', async () => {
    const { code, stdout } = await run('compact net.safetensors --data colors');
    expect(code).toBe(0);
    const { graph, dict, gates, classes } = readNetwork(inside('net-compact.safetensors'));
    // Three are open; one of the others stands for what zero borders make of constants.
    expect(dict.get('conv1.weight')!.shape).toEqual([4, 3, 3, 3]);
    expect(gates).toBeUndefined();
    expect(classes).toEqual(CLASSES);
    const [before, after] = [tinyGraph(), graph].map((graph) => networkCost(graph).parameters);
    expect(stdout).toMatch(new RegExp(`^parameters +${before} +${after} +−\\d+\\.\\d %$`, 'm'));
    expect(stdout).toMatch(/^FLOPs an image .* −/m);
    expect(stdout).toMatch(/^ms an image( +\S+ \(\S+ to \S+\)){2} +([−+]|no difference)/m);
    expect(stdout).toMatch(/^time: .* of the whole network's, both measured in turns$/m);
    const [, error] = /^check: logits differ by (\S+) of the largest at the most, on 15 images of /m.exec(stdout)!;
    expect(Number(error)).toBeLessThan(1e-4);
    expect(stdout).toMatch(/^written: net-compact\.safetensors$/m);
  });

  it('cuts further where that is asked for, into a file of its own, and checks with noise where there are no images', async () => {
    writeFileSync(inside('net-cut.safetensors'), 'an earlier one');
    const { code, stdout } = await run('compact net.safetensors --threshold 0.95 --multiple 1');
    expect(code).toBe(0);
    expect(readNetwork(inside('net-cut.safetensors')).dict.get('conv1.weight')!.shape).toEqual([2, 3, 3, 3]);
    expect(stdout).toContain('on 64 images of noise');
    expect(stdout).toContain('these gates were cut just now');
    expect(stdout).toMatch(/^written: net-cut\.safetensors, in place of what was there$/m);
  });

  it('says where there is nothing to remove, and writes nothing', async () => {
    const { code, stdout } = await run('compact plain.safetensors');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^plain\.safetensors: nothing to remove[^\n]*\nwhat would remove more:\n/);
    expect(stdout).toMatch(
      /^ {2}--keep 0\.5 +leaves \d+ of \d+ parameters, −[\d.]+ % \(0\.5 of the channels, by the /m,
    );
    expect(existsSync(inside('plain-compact.safetensors'))).toBe(false);
  });
});

describe('compact of a network without gates', () => {
  it('cuts channels by the size of their weights where --keep says how many', async () => {
    const { code, stdout } = await run('compact plain.safetensors --keep 0.5 --data colors');
    expect(code).toBe(0);
    const weight = readNetwork(inside('plain-cut.safetensors')).dict.get('conv1.weight')!;
    expect(weight.shape).toEqual([4, 3, 3, 3]);
    expect(stdout).toContain('these channels were cut just now, by the size of their weights');
    expect(stdout).toMatch(/^check: logits differ by \S+ of the largest/m);
  });
});

describe('explain', () => {
  it('makes a picture of each image that can be decoded, and names the one that cannot', async () => {
    const images = ['gray.jpg', 'bad.jpg', 'cmyk.jpg', 'alpha.png'].map((name) => `odd/${name}`).join(' ');
    const { code, stdout, stderr } = await run(`explain net.safetensors --class green --out maps --image ${images}`);
    expect(code).toBe(1);
    expect(stderr).toBe('odd/bad.jpg: the image is cut short or damaged\n3 explained, 1 could not be decoded\n');
    expect(stdout).toMatch(/^gray: (blue|green|red) \d+\.\d %; maps\/gray\.png$/m);
    expect(readdirSync(inside('maps')).sort()).toEqual(['.astrogpu', 'alpha.png', 'cmyk.png', 'gray.png']);
    const { width, height } = await sharp(inside('maps', 'cmyk.png')).metadata();
    expect(width).toBeGreaterThan(2 * 512);
    expect(height).toBeGreaterThan(512);
  });

  it('names pictures after their images, and takes the place of no picture that it has not drawn', async () => {
    const plainPng = await plain([10, 200, 30]).png().toBuffer();
    write('own', {
      'a/1.png': plainPng,
      'b/1.png': plainPng,
      'cat.png': plainPng,
      'dog.jpg': plainPng,
      'dog.png': plainPng,
    });
    const line = 'explain net.safetensors --out own --image own/cat.png own/dog.jpg own/a/1.png own/b/1.png';
    for (let again = 0; again < 2; again++) expect((await run(line)).code).toBe(0);
    expect(readdirSync(inside('own')).sort()).toEqual([
      'a',
      'a-1.png',
      'b',
      'b-1.png',
      'cat-explained.png',
      'cat.png',
      'dog-explained.png',
      'dog.jpg',
      'dog.png',
    ]);
    for (const name of ['cat.png', 'dog.png', 'a/1.png']) expect(readFileSync(inside('own', name))).toEqual(plainPng);
  });

  it('takes test images where none are named, with what they are', async () => {
    const { code, stdout } = await run('explain net.safetensors --data colors --images 2 --layer conv1 --out tests');
    expect(code).toBe(0);
    expect(stdout.match(/^test-000\d: \w+ \d+\.\d % \((right|it is \w+)\); tests\/test-000\d\.png$/gm)).toHaveLength(2);
    expect(readdirSync(inside('tests')).sort()).toEqual(['.astrogpu', 'test-0000.png', 'test-0001.png']);
  });
});

describe('export', () => {
  it('writes ONNX with the normalization inside', async () => {
    const { code, stdout } = await run('export net.safetensors --out net.onnx');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^written: net\.onnx, [\d,]+ bytes: tiny, \d+ parameters, 3 classes, images of 16×16, gates folded/,
    );
    const model = decodeOnnx(readFileSync(inside('net.onnx')));
    expect(JSON.stringify(model)).toContain('pixels from 0 to 1');
  });

  it("writes safetensors under torch's names, the gates in the weights", async () => {
    const { code } = await run('export net.safetensors --out out.safetensors');
    expect(code).toBe(0);
    const { tensors } = readSafetensors(inside('out.safetensors'));
    expect([...tensors.keys()].sort()).toEqual([...randomDict(tinyGraph()).keys()].sort());
    const { data, shape } = tensors.get('conv1.weight')!;
    expect(shape).toEqual([8, 3, 3, 3]);
    const plain = randomDict(tinyGraph()).get('conv1.weight')!.data;
    expect(data[27]).toBe(Math.fround(plain[27] * (1 - 1 / 16)));
    expect([...(data as Float32Array).subarray(3 * 27)].every((value) => value === 0)).toBe(true);
  });

  test.each(['onnx', 'safetensors'])('refuses values that are no numbers, as %s', async (format) => {
    const { tensors, metadata } = readSafetensors(inside('net.safetensors'));
    tensors.get('conv1.weight')!.data[5] = Number.NaN;
    writeSafetensors(inside('nan.safetensors'), tensors, metadata);
    const { code, stderr } = await run(`export nan.safetensors --out nan-out.${format}`);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^nan\.safetensors: conv1\.weight\[0,0,1,2\] is NaN, and 1 of its 216 values/m);
    expect(existsSync(inside(`nan-out.${format}`))).toBe(false);
  });
});

describe('a public checkpoint', () => {
  const save = (name: string, graph: Graph): void =>
    writeSafetensors(
      inside(name),
      new Map([...randomDict(graph)].map(([key, { shape, data }]) => [key, { dtype: 'F32', shape, data }])),
    );

  it('is read by name, its classes from a list', async () => {
    save('public.safetensors', describeModel('resnet-small', { classes: 3 }));
    writeFileSync(inside('classes.txt'), 'blue\tthe sky\ngreen\tthe grass\nred\tthe rose\n');
    const { code, stdout } = await run(
      'eval --model resnet-small --weights public.safetensors --classes classes.txt --data colors --batch 3',
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^the rose +\d+\.0 %/m);
    const unnamed = await run(
      'eval --model resnet-small --weights public.safetensors --classes 3 --data colors --batch 3',
    );
    expect(unnamed.stdout).toMatch(/^red +\d+\.0 %/m);
  });

  it('is refused where it is of another model, in one line, and a list of what does not fit', async () => {
    save('other.safetensors', tinyGraph());
    const { code, stderr } = await run('export --model resnet-small --weights other.safetensors --out other.onnx');
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^other\.safetensors is not --model resnet-small with 10 classes: [^\n]*conv1\.weight is 8×3×3×3[^\n]*\n(?: {2}[^\n]+\n){9,}$/,
    );
    expect(existsSync(inside('other.onnx'))).toBe(false);
  });
});

describe('doctor', () => {
  it('finds that training is possible here', async () => {
    const { code, stdout } = await run('doctor');
    expect(stdout).not.toMatch(/^failure/m);
    expect(code).toBe(0);
    for (const line of [
      /^ok +Node \d+/m,
      /^ok +package webgpu/m,
      /adapter \S+/,
      /^ok +a matrix product is right/m,
      /^ok +a convolution is right/m,
    ])
      expect(stdout).toMatch(line);
    expect(stdout).toMatch(/training is possible here[^\n]*\n$/);
  });

  it('says why there is no adapter, and what to do', async () => {
    const { code, stdout } = await run('doctor', { VK_DRIVER_FILES: inside('nowhere.json') });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^failure +no WebGPU adapter: .+\n +→ \$VK_DRIVER_FILES chooses the driver/m);
    expect(stdout).toMatch(/training is not possible here: 1 failure, see above\n$/);
  });
});

describe("train on one's own folder", () => {
  const start =
    'train --data colors --size 16 --model resnet-small --width 0.25 --phase guide --arms plain --epochs 1 --batch 6 --out run';

  it('leaves a network that knows its classes and its size, and goes on with the same images only', async () => {
    const { code, stdout } = await run(start);
    expect(code).toBe(0);
    expect(stdout).toContain('# AstroNet on colors: resnet-small');
    expect(stdout).toContain('12 training and 3 test images');
    const { graph, classes, normalization } = readNetwork(inside('run', 'plain-NN.safetensors'));
    expect(graph.size).toBe(16);
    expect(classes).toEqual(CLASSES);
    expect(normalization.mean).toHaveLength(3);
    const elsewhere = await run('train --resume run --val-data fewer');
    expect([elsewhere.code, elsewhere.stderr]).toEqual([
      2,
      expect.stringMatching(/^--val-data fewer: that is for images read from the disk, and the run of run has its/),
    ]);
    const other = await run('train --resume run --data fewer');
    expect(other.code).toBe(2);
    expect(other.stderr).toMatch(
      /^--resume run: that run had 12 training and 3 test images of 3 classes, and this is 8 training and 2 test images of 2 classes: [^\n]*\n$/,
    );
  });

  it.each([
    ['train --data one', /one: only one class \(red\)[^\n]*\n$/],
    ['train --data colors --size 16 --model vgg16', /node features\.43 does not fit images of 16×16[^\n]*\n$/],
  ])('%s is refused, and leaves no folder', async (line, why) => {
    const { code, stderr } = await run(`${line} --out none`);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(why);
    expect(stderr.trim()).not.toContain('\n');
    expect(existsSync(inside('none'))).toBe(false);
  });
});

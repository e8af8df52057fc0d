// What the commands refuse: each in one line that names the file or the option, before anything is opened or written.
import { linkSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../src/cli/common/options.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { AstroError } from '../../src/gpu/device/errors.ts';
import { writeSafetensors } from '../../src/io/safetensors.ts';
import { colorFolder, cwd, gates, inside, makeSamples, network, removeSamples, tinyGraph, write } from './samples.ts';

const home = process.cwd();
beforeAll(async () => {
  makeSamples();
  process.chdir(cwd);
  network('net.safetensors', { gates: gates(8) });
  network('plain.safetensors');
  symlinkSync('net.safetensors', 'link.safetensors');
  linkSync('net.safetensors', 'hard.safetensors');
  mkdirSync('folder');
  network('cut.safetensors', { gates: gates(0) });
  network('two.safetensors', { classes: ['blue', 'green'], graph: tinyGraph(2) });
  network('names.safetensors', { classes: ['blue', 'green'] });
  const tensors = new Map([['fc.weight', { dtype: 'F32' as const, shape: [1], data: new Float32Array(1) }]]);
  writeSafetensors('other.safetensors', tensors);
  writeSafetensors('checkpoint.safetensors', tensors, { format: 'astrogpu checkpoint 1' });
  writeFileSync('weights.pth', 'PK\x03\x04\x14\0archive/data.pkl');
  writeFileSync('text.safetensors', 'this is no network, whatever its name says');
  await colorFolder('colors');
  await colorFolder('one', ['red']);
  write('empty', { '.': undefined });
  write('hollow', { 'a/.keep': Buffer.alloc(0), 'b/notes.txt': Buffer.alloc(3) });
  write('run', { 'config.json': Buffer.from('{}') });
  network(join('run', 'trained-AN.safetensors'));
});
afterAll(() => {
  process.chdir(home);
  removeSamples();
});

async function refusal(line: string): Promise<Error> {
  const before = readdirSync(cwd);
  const error = await dispatch(line.split(' ')).then(
    () => new Error(`${line} was taken`),
    (error: Error) => error,
  );
  expect(error).toBeInstanceOf(AstroError);
  expect(error.message).not.toContain('\n');
  expect(readdirSync(cwd)).toEqual(before);
  return error;
}

describe('wrong usage', () => {
  it.each([
    ['evl net.safetensors', '; did you mean eval?'],
    ['help trian', 'there is no command "trian"'],
    [
      'evil',
      'there is no command "evil"; there are train, eval, predict, compact, explain, detect, export, compare, doctor',
    ],
    ['eval', "name a network's file, or take --model NAME --weights FILE"],
    ['eval net.safetensors two.safetensors', '"two.safetensors" is one word too many'],
    ['eval net.safetensors --model resnet18', '--model goes with --weights'],
    ['eval net.safetensors --classes 3', '--classes goes with --weights'],
    ['eval --weights other.safetensors', '--weights needs --model NAME'],
    ['eval --weights other.safetensors --model resnet19', '--model resnet19: takes one of resnet18'],
    ['eval --weights other.safetensors --model resnet18 --classes 1', '--classes 1: takes two classes or more'],
    ['eval net.safetensors --data ', '--data: its value is empty'],
    ['eval ', 'one of the words is empty'],
    ['eval net.safetensors --batch 0', '--batch 0: takes a whole number from 1'],
    ['eval net.safetensors --nonsense', "'--nonsense'; npx astrogpu eval --help lists the options"],
    [
      'eval net.safetensors',
      'net.safetensors tells 3 classes (blue, green, red) apart: give images of them with --data',
    ],
    ['eval net.safetensors --data stand-in', 'apart, and --data stand-in has 10 classes (disc, ring, square ...)'],
    ['compact net.safetensors --keep 0.5 --threshold 0.5', '--keep and --threshold: give one of them'],
    ['compact net.safetensors --keep 2', '--keep 2: takes a number above 0 to 1'],
    [
      'compact plain.safetensors --threshold 0.5',
      'plain.safetensors has no gates that --threshold could cut; --keep X cuts its channels by the size of their weights',
    ],
    ['compact net.safetensors --out net.safetensors', '--out net.safetensors: this is what the command reads'],
    ['compact net.safetensors --out link.safetensors', 'this is net.safetensors, what the command reads'],
    ['compact net.safetensors --out hard.safetensors', 'this is net.safetensors, what the command reads'],
    [
      'export net.safetensors --format onnx --out weights.pth',
      'weights.pth: this file is no .onnx by its name and stays',
    ],
    ['export net.safetensors --out folder/../link.safetensors', 'this is net.safetensors, what the command reads'],
    ['explain net.safetensors --image a.jpg --out net.safetensors', '--out net.safetensors cannot be written (EEXIST'],
    [
      'train --data stand-in --profile --trace nowhere/t.json',
      '--trace nowhere/t.json cannot be written (the folder nowhere is not there)',
    ],
    ['train --data stand-in --out net.safetensors', '--out net.safetensors is a file; name a folder'],
    ['compact net.safetensors --out net.onnx', '--out net.onnx: takes a name that ends in .safetensors'],
    ['explain net.safetensors --image a.jpg --data colors', "--data goes without pictures of one's own"],
    [
      'explain net.safetensors --image a.jpg --class pink',
      '--class pink: net.safetensors has 3 classes, 0 to 2: blue, green, red',
    ],
    ['explain net.safetensors --image a.jpg --class 3', '--class 3: net.safetensors has 3 classes'],
    ['predict net.safetensors', '--image is missing'],
    ['predict net.safetensors --image a.jpg --top 0', '--top 0: takes a whole number from 1 to 1000'],
    ['eval net.safetensors --confusion colors/blue/1.png', 'this file was not drawn here and stays; name another one'],
    ['eval net.safetensors --confusion nowhere/c.png', '--confusion nowhere/c.png cannot be written'],
    ['eval net.safetensors --confusion c.jpg', '--confusion c.jpg: takes a name that ends in .png'],
    ['export net.safetensors', '--out is missing'],
    ['export net.safetensors --out net.bin', '--out net.bin: ends neither in .onnx nor in .safetensors'],
    ['export net.safetensors --out a.onnx --format safetensors', 'these disagree'],
    ['export net.safetensors --out net.safetensors', 'this is what the command reads'],
    [
      'export net.safetensors --out nowhere/net.onnx',
      '--out nowhere/net.onnx cannot be written (the folder nowhere is not there)',
    ],
    ['train --model resnet19', '--model resnet19: takes one of resnet18'],
  ])('%s', async (line, why) => {
    const error = await refusal(line);
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toContain(why);
  });
});

describe('files and folders that do not fit', () => {
  it.each([
    ['eval nowhere.safetensors', 'nowhere.safetensors: there is no such file'],
    ['eval --weights nowhere.safetensors --model resnet18', 'nowhere.safetensors: there is no such file'],
    ['eval /dev/null', '/dev/null: it is a device, not a file'],
    ['eval --weights /dev/null --model resnet18', '/dev/null: it is a device, not a file'],
    ['eval text.safetensors', 'text.safetensors: bytes 0-7 announce a header'],
    ['eval weights.pth', 'weights.pth: this is no safetensors file but a ZIP archive; if it is PyTorch'],
    ['eval net.safetensors --data weights.pth', 'weights.pth: this is a ZIP archive; if it is PyTorch'],
    [
      'eval other.safetensors',
      'other.safetensors: this is safetensors, but not a network of astrogpu; a public checkpoint is read with --model',
    ],
    ['eval checkpoint.safetensors', "checkpoint.safetensors: this is a run's checkpoint"],
    ['eval run', 'run is a folder; name a network in it: trained-AN.safetensors'],
    ['eval empty', 'empty is a folder; there is no network in it'],
    ['eval names.safetensors', 'names.safetensors: it names 2 classes, and its network tells 3 apart'],
    [
      'eval net.safetensors --data nowhere',
      'nowhere: no such folder; it should hold CIFAR-10 (binary version), or a folder of images',
    ],
    ['eval net.safetensors --data empty', 'empty: holds no class folders'],
    ['eval net.safetensors --data hollow', 'hollow: no images in any of its folders (a, b)'],
    [
      'eval two.safetensors --data colors',
      'colors: the class folders red are not among the 2 classes given (blue, green)',
    ],
    ['compact cut.safetensors', 'cut.safetensors: tiny: the image gets no further than image'],
    ['compact net.safetensors --threshold 5', '--threshold 5: the largest gate of net.safetensors is 1.000'],
    ['compact plain.safetensors --keep 0', '--keep 0: takes a number above 0 to 1'],
    ['compact net.safetensors --keep 0', '--keep 0: takes a number above 0 to 1'],
    [
      'explain net.safetensors --image a.jpg --layer conv9',
      'there is no layer "conv9" in tiny; layers with a map: image, conv1, conv2',
    ],
    ['explain net.safetensors --image a.jpg --layer fc', 'layer "fc" of tiny comes after the global pooling'],
  ])('%s', async (line, why) => {
    expect((await refusal(line)).message).toContain(why);
  });

  it('nothing is left of a file that could not be written', () => {
    expect(readdirSync(inside('run')).sort()).toEqual(['config.json', 'trained-AN.safetensors']);
    expect(readdirSync(cwd).some((name) => /tmp$|-compact|onnx/.test(name))).toBe(false);
  });
});

// A network's file says where its images lay: commands find them again, say where they looked when they are gone, and go by the list of classes that training went by.
import { renameSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readNetwork } from '../../src/train/files/network-file.ts';
import { astrogpu, type Ended } from '../support/command.ts';
import { colorFolder, cwd, inside, makeSamples, network, removeSamples } from './samples.ts';

const run = (line: string): Promise<Ended> => astrogpu(line.split(' '), cwd);
const TRAIN =
  'train --size 16 --model resnet-small --width 0.25 --phase guide --arms plain --epochs 1 --batch 6 --data colors';

beforeAll(async () => {
  makeSamples();
  await colorFolder('colors');
});
afterAll(removeSamples);

it('a list of classes gives their order and their names, and what does not fit the folder is named', async () => {
  writeFileSync(inside('classes.txt'), 'red\tthe rose\ngreen\tthe grass\nblue\tthe sky\n');
  const { code, stderr } = await run(`${TRAIN} --classes classes.txt --out listed`);
  expect(stderr).not.toMatch(/^\S*Error/m);
  expect(code).toBe(0);
  const { classes, source } = readNetwork(inside('listed', 'plain-NN.safetensors'));
  expect(classes).toEqual(['the rose', 'the grass', 'the sky']);
  expect(source).toEqual({ kind: 'folder', path: inside('colors'), folders: ['red', 'green', 'blue'] });

  writeFileSync(inside('more.txt'), 'red\ngreen\nblue\npink\n');
  writeFileSync(inside('fewer.txt'), 'red\ngreen\n');
  const [more, fewer, cifar] = await Promise.all([
    run(`${TRAIN} --classes more.txt --out more`),
    run(`${TRAIN} --classes fewer.txt --out fewer`),
    run('train --data stand-in --classes fewer.txt --out none'),
  ]);
  expect([more.code, fewer.code, cifar.code]).toEqual([1, 1, 2]);
  expect(more.stderr).toMatch(/colors: has no class folders pink, which the list of classes names[^\n]*\n$/);
  expect(fewer.stderr).toMatch(/the class folders blue are not among the 2 classes given/);
  expect(cifar.stderr).toMatch(/^--classes goes with --data DIR/m);
});

it('eval and explain find the images by themselves, and say where they looked when those are gone', async () => {
  const found = await run('eval listed/plain-NN.safetensors');
  expect(found.code).toBe(0);
  expect(found.stdout).toContain(`images: all test images of 3 classes of images from ${inside('colors')}`);
  expect(found.stdout).toMatch(/^the rose +\d+\.\d % +[1-4]/m);
  expect((await run('explain listed/plain-NN.safetensors --images 1 --out seen')).stdout).toMatch(/^test-0000: the /m);

  renameSync(inside('colors'), inside('moved'));
  const gone = await run('eval listed/plain-NN.safetensors');
  expect(gone.code).toBe(2);
  expect(gone.stderr).toBe(
    `listed/plain-NN.safetensors was trained on the images of ${inside('colors')}, where there is no folder now; say where they are with --data DIR\n`,
  );
  expect((await run('eval listed/plain-NN.safetensors --data moved')).code).toBe(0);
  renameSync(inside('moved'), inside('colors'));
});

it('a file that says nothing of its images asks for them', async () => {
  network('net.safetensors');
  const { code, stderr } = await run('eval net.safetensors');
  expect(code).toBe(2);
  expect(stderr).toMatch(/^net\.safetensors tells 3 classes .* give images of them with --data DIR\n$/);
});

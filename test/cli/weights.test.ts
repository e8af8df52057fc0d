// Public weights: how their images come to them is what was typed, else what the file carries, else what their zoo does, and it is said.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openNetwork } from '../../src/cli/common/network.ts';
import { preprocessing } from '../../src/cli/common/preprocessing.ts';
import { NETWORK_OPTIONS, type NetworkOptions } from '../../src/cli/common/weights.ts';
import { type StoredTensor, writeSafetensors } from '../../src/io/safetensors.ts';
import { createModel } from '../../src/models/zoo/registry.ts';
import { stateDict } from '../../src/nn/state-dict.ts';
import { readNetwork, writeNetwork } from '../../src/train/files/network-file.ts';
import { gpu } from '../support/gpu.ts';

const folder = mkdtempSync(join(tmpdir(), 'public-weights-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Weights of a model in a file of their own folder. */
async function weights(
  model: string,
  {
    metadata = {},
    rename = (name: string) => name,
  }: { metadata?: Record<string, string>; rename?: (name: string) => string } = {},
): Promise<{ file: string; dir: string }> {
  const network = createModel(model).to(gpu, 1);
  const tensors = new Map<string, StoredTensor>();
  for (const [name, { shape, data }] of await stateDict(network))
    tensors.set(rename(name), { dtype: 'F32', shape, data });
  network.release();
  const dir = mkdtempSync(join(folder, 'w-'));
  const file = join(dir, 'w.safetensors');
  writeSafetensors(file, tensors, metadata);
  return { file, dir };
}

async function open(file: string, options: NetworkOptions) {
  const lines: string[] = [];
  const network = await openNetwork(undefined, { weights: file, ...options }, (line) => lines.push(line));
  return { ...network, line: lines.join('\n') };
}

const STATS = { mean: [0.5, 0.4, 0.3], std: [0.2, 0.25, 0.3] };

it('the normalization and the classes that the file carries, and what was typed before them', async () => {
  const classes = Array.from({ length: 10 }, (_, i) => `kind ${i}`);
  const { file } = await weights('resnet-small', {
    metadata: { normalization: JSON.stringify(STATS), classes: JSON.stringify(classes) },
  });
  const own = await open(file, { model: 'resnet-small' });
  expect([own.normalization, own.classes]).toEqual([STATS, classes]);
  expect(own.line).toBe('weights: images of 32×32, mean 0.5, 0.4, 0.3, std 0.2, 0.25, 0.3 (the file says so)');
  const typed = await open(file, { model: 'resnet-small', mean: [0, 0, 0], crop: 24, resize: 28 });
  expect(typed.normalization).toEqual({ mean: [0, 0, 0], std: STATS.std });
  expect([typed.graph.size, typed.resize]).toEqual([24, 28]);
  expect(typed.line).toMatch(
    /the short side to 28, the middle 24×24, mean 0, 0, 0, .* \(--mean, --resize, --crop, the file says so\)$/,
  );

  const copy = join(folder, 'copy.safetensors');
  writeNetwork(copy, typed);
  expect(readNetwork(copy).resize).toBe(28);
  await expect(open(file, { model: 'resnet-small', resize: 16 })).rejects.toThrow(
    '--resize 16: images of 32×32 cannot be cut out of that',
  );
});

it('a normalization in the file that cannot be read is an error, not none', async () => {
  const { file } = await weights('resnet-small', { metadata: { normalization: '{"mean":[1]}' } });
  await expect(open(file, { model: 'resnet-small' })).rejects.toThrow('its "normalization" is not three means');
});

it("what the zoo does, by model and names; and timm's config.json beside the weights", async () => {
  const { file } = await weights('resnet-small');
  expect((await open(file, { model: 'resnet-small' })).normalization.std).toEqual([0.247, 0.2435, 0.2616]);
  const { file: theirs } = await weights('resnet-small', {
    rename: (name) => `module.${name.replace('downsample', 'shortcut')}`,
  });
  const pytorchCifar = await open(theirs, { model: 'resnet-small' });
  expect(pytorchCifar.normalization.std).toEqual([0.2023, 0.1994, 0.201]);
  expect(pytorchCifar.line).toContain('(as pytorch-cifar)');

  const { file: imagenet, dir } = await weights('resnet18-imagenet');
  const usual = await open(imagenet, { model: 'resnet18-imagenet' });
  expect([usual.graph.size, usual.resize, usual.normalization.mean]).toEqual([224, 256, [0.485, 0.456, 0.406]]);
  expect(usual.line).toContain('the short side to 256, the middle 224×224, bilinear');
  const config = {
    pretrained_cfg: {
      mean: [0.5, 0.5, 0.5],
      std: [0.5, 0.5, 0.5],
      input_size: [3, 192, 192],
      crop_pct: 0.95,
      interpolation: 'bicubic',
    },
  };
  writeFileSync(join(dir, 'config.json'), JSON.stringify(config));
  const timm = await open(imagenet, { model: 'resnet18-imagenet' });
  expect([timm.graph.size, timm.resize, timm.normalization.std]).toEqual([192, 202, [0.5, 0.5, 0.5]]);
  expect(timm.line).toContain('config.json says so');
  const copy = join(dir, 'copy.safetensors');
  writeNetwork(copy, timm);
  expect(readNetwork(copy)).toMatchObject({ resize: 202, interpolation: 'bicubic' });
  const again = await open(copy, { model: 'resnet18-imagenet' });
  expect([again.resize, again.interpolation]).toEqual([202, 'bicubic']);
});

it('weights in parts, of a folder with an index; of another width, all tensors are listed', async () => {
  const network = createModel('vit-tiny-cifar', { width: 1 / 48, size: 16 }).to(gpu, 1);
  const tensors = [...(await stateDict(network))].map(
    ([name, { shape, data }]) => [name, { dtype: 'F32', shape, data }] as const,
  );
  network.release();
  const dir = mkdtempSync(join(folder, 'w-'));
  const shard = (name: string): string => `${name.startsWith('blocks') ? 'blocks' : 'rest'}.safetensors`;
  for (const file of ['blocks.safetensors', 'rest.safetensors'])
    writeSafetensors(join(dir, file), new Map(tensors.filter(([name]) => shard(name) === file)));
  const weight_map = Object.fromEntries(tensors.map(([name]) => [name, shard(name)]));
  writeFileSync(join(dir, 'model.safetensors.index.json'), JSON.stringify({ weight_map }));
  const { details } = await open(dir, { model: 'vit-tiny-cifar' }).then(
    () => ({ details: [] }),
    (error) => error as { details: string[] },
  );
  expect(details).toContain('cls_token is 1×1×4, the network has 1×1×192');
  expect(details).toContain('blocks.{0-5}.attn.qkv.weight is 12×4, the network has 576×192');
});

it('what Hugging Face puts beside weights, and what its ViTs take without it', async () => {
  const facts = { metadata: {}, names: ['vit.embeddings.patch_embeddings.projection.weight'] };
  const dir = mkdtempSync(join(folder, 'w-'));
  const way = (config?: object) => {
    if (config) writeFileSync(join(dir, 'preprocessor_config.json'), JSON.stringify(config));
    return preprocessing({ model: 'vit-b-16' }, { ...facts, file: join(dir, 'model.safetensors') });
  };
  const half = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };
  expect(way()).toMatchObject({
    normalization: half,
    size: 224,
    resize: 224,
    interpolation: 'bilinear',
    by: "as Hugging Face's ViT",
  });
  const stats = { image_mean: STATS.mean, image_std: STATS.std };
  expect(way({ ...stats, size: 384, resample: 3 })).toMatchObject({
    normalization: STATS,
    size: 384,
    resize: 384,
    interpolation: 'bicubic',
  });
  expect(way({ ...stats, size: { height: 240, width: 240 } })).toMatchObject({ size: 240, resize: 240 });
  expect(way({ ...stats, size: { shortest_edge: 256 }, crop_size: { height: 224, width: 224 } })).toMatchObject({
    size: 224,
    resize: 256,
  });
  expect(way({ size: 384 })).toMatchObject({ normalization: half, size: 224 });
  const timm = preprocessing({ model: 'vit-b-16' }, { ...facts, names: ['pos_embed'], file: join(folder, 'none') });
  expect(timm).toMatchObject({ normalization: { mean: [0.485, 0.456, 0.406] }, size: 224, resize: 248 });
});

it('three numbers, or a line that says so', () => {
  const read = NETWORK_OPTIONS.mean.read!;
  expect(read('0.1,0.2,0.3', 'mean')).toEqual([0.1, 0.2, 0.3]);
  for (const text of ['0.1,0.2', '123.7,116.3,103.5', 'a,b,c', '', '1,,1', '-1,0,0'])
    expect(() => read(text, 'mean')).toThrow('takes three numbers from 0 to 1');
  expect(() => NETWORK_OPTIONS.std.read!('0,1,1', 'std')).toThrow('above 0');
});

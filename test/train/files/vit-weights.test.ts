// Checkpoints of vision transformers: those of timm, torchvision and Hugging Face fill the same network, in one file or several; places fit images of another size;
// what cannot be loaded is said in a sentence, or listed.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { toHalf } from '../../../src/gpu/device/half.ts';
import { type StoredTensor, writeSafetensors } from '../../../src/io/safetensors.ts';
import { readWeights } from '../../../src/io/weight-files.ts';
import { resizePositions } from '../../../src/models/checkpoint/positions.ts';
import { createModel } from '../../../src/models/zoo/registry.ts';
import { StateDictError, stateDict } from '../../../src/nn/state-dict.ts';
import { writeNetwork } from '../../../src/train/files/network-file.ts';
import { ClassifierError, type LoadOptions, loadNetworkWeights } from '../../../src/train/files/weights.ts';
import { fillFrom, readStartingWeights, startingNetwork } from '../../../src/train/run/start.ts';
import { huggingFace, split, torchvision } from '../../models/checkpoint/vit-names.ts';
import { gpu } from '../../support/gpu.ts';
import { halfValues } from '../../support/random.ts';

const folder = mkdtempSync(join(tmpdir(), 'vit-weights-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Six blocks of one head of four channels, on 4×4 patches of images of 16×16 unless told. */
const make = (options: { size?: number; classes?: number } = {}) =>
  createModel('vit-tiny-cifar', { width: 1 / 48, size: 16, classes: 3, ...options });

type Tensors = Map<string, StoredTensor>;

/** Values for a network that f16 holds exactly. */
async function valuesFor(options = {}): Promise<Tensors> {
  const network = make(options).to(gpu, 1);
  const entries = [...(await stateDict(network))].map(
    ([name, { shape, data }], i) => [name, { dtype: 'F32', shape, data: halfValues(i + 1, data.length) }] as const,
  );
  network.release();
  return new Map<string, StoredTensor>(entries);
}
const own = await valuesFor();

/** The same tensors as names of others have them: one name is one tensor, several are its rows in equal parts. */
function as(tensors: Tensors, names: (name: string) => string[]): Tensors {
  const theirs: Tensors = new Map();
  for (const [name, { dtype, shape, data }] of tensors)
    for (const [i, part] of names(name).entries()) {
      const parts = names(name).length;
      const length = data.length / parts;
      theirs.set(part, {
        dtype,
        shape: [shape[0] / parts, ...shape.slice(1)],
        data: (data as Float32Array).slice(i * length, (i + 1) * length),
      });
    }
  return theirs;
}

/** What a network has after a file was loaded into it, and what was said. */
async function loaded(tensors: Tensors, options: { size?: number; classes?: number } = {}, load?: LoadOptions) {
  const network = make(options).to(gpu, 2);
  try {
    const before = await stateDict(network);
    const said = loadNetworkWeights(network, tensors, load);
    return { before, said, state: await stateDict(network) };
  } finally {
    network.release();
  }
}

async function refusal(tensors: Tensors, options = {}, load?: LoadOptions): Promise<StateDictError> {
  const error = await loaded(tensors, options, load).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StateDictError);
  expect((error as Error).message).not.toContain('\n');
  return error as StateDictError;
}

const expectOwn = (state: ReadonlyMap<string, { data: Float32Array }>, except: readonly string[] = []): void => {
  for (const [name, { data }] of own) if (!except.includes(name)) expect(state.get(name)!.data, name).toEqual(data);
};

/** As two shards with an index, and the folder's path. */
function sharded(tensors: Tensors): string {
  const path = mkdtempSync(join(folder, 's-'));
  const entries = [...tensors];
  const weight_map: Record<string, string> = {};
  for (const part of [0, 1]) {
    const some = entries.filter((_, i) => i % 2 === part);
    for (const [name] of some) weight_map[name] = `part-${part}.safetensors`;
    writeSafetensors(join(path, `part-${part}.safetensors`), new Map(some));
  }
  writeFileSync(join(path, 'model.safetensors.index.json'), JSON.stringify({ weight_map }));
  return path;
}

describe('the same network', () => {
  it.each<[string, (name: string) => string[]]>([
    ["timm's names under torch.compile and data parallelism", (name) => [`module._orig_mod.${name}`]],
    ['q, k and v apart', (name) => split(name, (part) => part)],
    ["torchvision's", (name) => [torchvision(name)]],
    ["Hugging Face's", (name) => huggingFace(name).map((part) => `model.${part}`)],
  ])('by %s', async (_, names) => {
    const { said, state } = await loaded(as(own, names));
    expect(said).toEqual({ skipped: [], resized: [] });
    expectOwn(state);
  });

  it.each<[StoredTensor['dtype'], (data: Float32Array) => Uint16Array]>([
    ['F16', toHalf],
    // The upper half of an f32: of values with at most eight significant bits.
    ['BF16', (data) => Uint16Array.from(new Uint32Array(data.buffer), (bits) => bits >>> 16)],
  ])('in shards of %s', async (dtype, convert) => {
    const short = new Map(
      [...own].map(
        ([name, { shape, data }]) =>
          [
            name,
            { dtype: 'F32', shape, data: (data as Float32Array).map((value) => Math.floor(value * 64) / 64) },
          ] as const,
      ),
    );
    const theirs = new Map(
      [...as(short as Tensors, huggingFace)].map(([name, { shape, data }]) => [
        name,
        { dtype, shape, data: convert(data as Float32Array) },
      ]),
    );
    const { state } = await loaded(readWeights(sharded(theirs as Tensors)).tensors);
    for (const [name, { data }] of short) expect(state.get(name)!.data, name).toEqual(data);
  });
});

describe('images of another size', () => {
  it.each([24, 8, 4])('16×16 to %i×%i interpolates the places, and nothing else', async (size) => {
    const side = size / 4;
    const { said, state } = await loaded(
      as(own, (name) => [torchvision(name)]),
      { size },
    );
    expect(said.resized).toEqual([{ name: 'pos_embed', from: [4, 4], to: [side, side] }]);
    const { shape, data } = own.get('pos_embed')!;
    const places = { name: 'pos_embed', front: 1, grid: [side, side] };
    expect(state.get('pos_embed')!.data).toEqual(resizePositions({ shape, data: data as Float32Array }, places).data);
    expect(state.get('pos_embed')!.data.slice(0, 4)).toEqual(data.slice(0, 4));
    expectOwn(state, ['pos_embed']);
  });

  it('places of no square, without a token in front, or of another width are refused', async () => {
    const withPlaces = (shape: number[]): Tensors =>
      new Map([
        ...own,
        ['pos_embed', { dtype: 'F32', shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) }],
      ]);
    expect((await refusal(withPlaces([1, 13, 4]))).message).toContain('the other 12 are no square');
    expect((await refusal(withPlaces([1, 16, 4]))).message).toContain('the other 15 are no square');
    expect((await refusal(withPlaces([1, 10, 8]))).message).toContain('pos_embed is 1×10×8, the network has 1×17×4');
    expect((await refusal(withPlaces([17, 4]))).message).toContain('pos_embed is 17×4, the network has 1×17×4');
  });

  it("a run's network goes on with larger images", async () => {
    const file = join(folder, 'own.safetensors');
    const dict = new Map([...own].map(([name, { shape, data }]) => [name, { shape, data: data as Float32Array }]));
    const classes = ['a', 'b', 'c'];
    writeNetwork(file, { graph: make().graph, dict, classes, normalization: { mean: [0, 0, 0], std: [1, 1, 1] } });
    const start = readStartingWeights(file);
    const network = startingNetwork(start, { model: 'vit-tiny-cifar', width: 1 }, { classes, height: 24 }).to(gpu, 1);
    expect(fillFrom(start, network, classes).resized).toEqual([{ name: 'pos_embed', from: [4, 4], to: [6, 6] }]);
    expectOwn(await stateDict(network), ['pos_embed']);
    network.release();
  });
});

describe('the head', () => {
  it('of other classes is left out on request, and named', async () => {
    const theirs = as(await valuesFor({ classes: 7 }), (name) => [torchvision(name)]);
    const error = await refusal(theirs);
    expect(error).toBeInstanceOf(ClassifierError);
    expect(error.message).toContain('head.weight is 7×4, the network has 3×4; head.bias is 7, the network has 3');
    const { before, said, state } = await loaded(theirs, {}, { classifier: 'skip' });
    expect(said.skipped).toEqual(['heads.head.weight', 'heads.head.bias']);
    expect(state.get('head.weight')).toEqual(before.get('head.weight'));
  });

  it('behind a representation layer is refused, and left out together with it', async () => {
    const layer = (name: string): Tensors =>
      new Map([[`${name}.weight`, { dtype: 'F32', shape: [4, 4], data: new Float32Array(16) }]]);
    for (const name of ['heads.pre_logits', 'pre_logits.fc', 'pooler.dense']) {
      const theirs: Tensors = new Map([...own, ...layer(name)]);
      const error = await refusal(theirs);
      expect(error.message).toContain(`${name}.weight: this transformer has a representation layer before its head`);
      const { said } = await loaded(theirs, {}, { classifier: 'skip' });
      expect(said.skipped).toEqual(['head.weight', 'head.bias', `${name}.weight`]);
    }
  });
});

it('a distilled transformer is refused in a sentence, with or without its head', async () => {
  const token: StoredTensor = { dtype: 'F32', shape: [1, 1, 4], data: new Float32Array(4) };
  for (const classifier of ['load', 'skip'] as const) {
    const { message } = await refusal(new Map([...own, ['module.dist_token', token]]), {}, { classifier });
    expect(message).toMatch(/dist_token: this is a distilled transformer, .*; take weights of the plain one/);
  }
});

describe('a mismatch', () => {
  it('is a list in which blocks are one, all of it beside the message', async () => {
    const theirs: Tensors = new Map([...own].filter(([name]) => !/\.(norm1|mlp\.fc1)\./.test(name)));
    for (const block of [0, 1, 2, 5])
      theirs.set(`blocks.${block}.ls1.gamma`, { dtype: 'F32', shape: [4], data: new Float32Array(4) });
    theirs.set('blocks.3.attn.proj.bias', { dtype: 'F32', shape: [8], data: new Float32Array(8) });
    for (const name of ['fc_norm.weight', 'fc_norm.bias', 'reg_token', 'mask_token'])
      theirs.set(name, { dtype: 'F32', shape: [4], data: new Float32Array(4) });
    const { message, details } = await refusal(theirs);
    expect(message).toContain(
      '33 of its tensors do not fit: blocks.{0-5}.norm1.weight is missing; blocks.{0-5}.norm1.bias is missing',
    );
    expect(message).toContain('; and 2 more');
    expect(details).toEqual([
      ...['norm1.weight', 'norm1.bias', 'mlp.fc1.weight', 'mlp.fc1.bias'].map(
        (name) => `blocks.{0-5}.${name} is missing`,
      ),
      'blocks.3.attn.proj.bias is 8, the network has 4',
      'blocks.{0-2, 5}.ls1.gamma is not in the network',
      ...['fc_norm.weight', 'fc_norm.bias', 'reg_token', 'mask_token'].map((name) => `${name} is not in the network`),
    ]);
  });

  it('of parts that do not make a whole names what is there', async () => {
    const theirs = as(own, huggingFace);
    theirs.delete('vit.encoder.layer.2.attention.attention.key.bias');
    const { message } = await refusal(theirs);
    expect(message).toContain('blocks.2.attn.qkv.bias is missing; blocks.2.attn.q.bias is not in the network');
  });
});

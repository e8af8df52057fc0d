// Every reader of files that are not ours: seeds of what it reads, and how it is asked. A reader gives something or throws an error of the library.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip, gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { pack } from 'tar-stream';
import { readOutcome } from '../../bench/common/runs/outcome.ts';
import { readSaved } from '../../src/cli/train/saved.ts';
import { readCifar10 } from '../../src/data/cifar10/format.ts';
import { untar } from '../../src/data/cifar10/tar.ts';
import { loadCoco } from '../../src/data/coco/coco.ts';
import { rasterizeMask } from '../../src/data/coco/mask.ts';
import { readClassList } from '../../src/data/folder/class-folders.ts';
import { loadImageFolder } from '../../src/data/folder/image-folder.ts';
import { decodeImage } from '../../src/data/image/decode.ts';
import { stretch } from '../../src/data/image/frame.ts';
import { writeOnnx } from '../../src/export/index.ts';
import { checked } from '../../src/gpu/checked.ts';
import { choicesOf } from '../../src/gpu/tune/table-file.ts';
import { readTuningTable } from '../../src/gpu/tune/tuning-tables.ts';
import { CheckpointError, readSafetensors, type StoredTensor, writeSafetensors } from '../../src/io/safetensors.ts';
import { channelClasses, createModel, type Graph, networkCost } from '../../src/models/index.ts';
import { stateDict } from '../../src/nn/index.ts';
import { compact } from '../../src/prune/index.ts';
import { readNetwork } from '../../src/train/files/network-file.ts';
import { readCheckpoint } from '../../src/train/run/checkpoint.ts';
import { folded } from '../../src/train/run/compaction.ts';
import { lockFolder } from '../../src/train/run/folder-lock.ts';
import { JOB_STATE } from '../../src/train/run/job-state.ts';
import { readMetrics, truncateMetrics } from '../../src/train/run/run-folder.ts';
import { recordBytes, tinySet } from '../data/cifar10/files.ts';
import { gpu } from '../support/gpu.ts';
import { config } from '../support/jobs.ts';
import { changed, damaged, pick, type Random } from './mutate.ts';

export interface Reader {
  name: string;
  /** Puts a case into the empty folder and returns the bytes that were written; `random` makes its choices. */
  write(folder: string, random: Random): number | Promise<number>;
  /** Reads it. */
  read(folder: string): unknown;
  /** Reads slowly: a part of the cases is enough. Default 1. */
  share?: number;
}

const put = (path: string, bytes: Buffer | string): number => {
  writeFileSync(path, bytes);
  return Buffer.byteLength(bytes);
};

/** Bytes of a JSON file: a seed whose values are changed, or whose bytes are damaged. */
function jsonCase(random: Random, seeds: readonly unknown[]): Buffer {
  const texts = seeds.map((seed) => Buffer.from(JSON.stringify(seed)));
  const seed = pick(random, seeds);
  return random() < 0.7
    ? Buffer.from(JSON.stringify(changed(random, seed)) ?? '')
    : damaged(random, pick(random, texts), texts);
}

/** A reader of one file, with seeds as bytes. */
const bytesReader = (
  name: string,
  file: string,
  seeds: readonly Buffer[],
  read: (path: string) => unknown,
  share?: number,
): Reader => ({
  name,
  share,
  write: (folder, random) => put(join(folder, file), damaged(random, pick(random, seeds), seeds)),
  read: (folder) => read(join(folder, file)),
});

const jsonReader = (
  name: string,
  file: string,
  seeds: readonly unknown[],
  read: (path: string) => unknown,
): Reader => ({
  name,
  write: (folder, random) => put(join(folder, file), jsonCase(random, seeds)),
  read: (folder) => read(join(folder, file)),
});

const floats = (shape: number[], from = 0.5): StoredTensor => ({
  dtype: 'F32',
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(from),
});
const of = { ...config(), data: '/pictures' };
const state = {
  stage: 1,
  step: 3,
  steps: 9,
  seconds: 1.5,
  arms: [
    {
      arm: 'plain NN',
      accuracy: 0.5,
      parametersTotal: 9,
      parametersKept: 9,
      parametersStructural: 9,
      updates: 4,
      seconds: 1,
    },
  ],
  regulation: [{ arm: 'trained AN, search', e: [0.1, 0.2], label: 'epoch 1' }],
  logged: { nn: { loss: 1, correct: 2, steps: 3, badStep: 0 } },
};

/** A header of the format over data, whatever it says. */
function safetensorsBytes(header: unknown, data: Buffer): Buffer {
  const text = Buffer.from(JSON.stringify(header) ?? '');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, data]);
}

function safetensorsReader(scratch: string): Reader {
  const file = join(scratch, 'seed.safetensors');
  writeSafetensors(
    file,
    new Map([
      ['a.weight', floats([2, 3])],
      ['step', { dtype: 'U32', shape: [], data: Uint32Array.of(7) }],
    ]),
    { note: 'x' },
  );
  const own = readFileSync(file);
  const header = {
    w: { dtype: 'F32', shape: [2, 2], data_offsets: [0, 16] },
    n: { dtype: 'I64', shape: [], data_offsets: [16, 24] },
    mask: { dtype: 'BOOL', shape: [4], data_offsets: [24, 28] },
    __metadata__: { format: 'pt' },
  };
  const foreign = safetensorsBytes(header, Buffer.alloc(28));
  return {
    name: 'safetensors',
    write: (folder, random) =>
      put(
        join(folder, 'a.safetensors'),
        random() < 0.5
          ? safetensorsBytes(changed(random, header), Buffer.alloc(28))
          : damaged(random, pick(random, [own, foreign]), [own, foreign]),
      ),
    read: (folder) => readSafetensors(join(folder, 'a.safetensors')),
  };
}

/** The graph and what stands beside it in a network's header, and all that is made of a graph without a GPU. */
async function networkReader(): Promise<Reader> {
  const seeds: { graph: Graph; tensors: Map<string, StoredTensor> }[] = [];
  for (const name of ['resnet-small', 'densenet-small']) {
    const network = createModel(name, { width: 0.1, classes: 3 }).to(gpu, 1);
    const [first] = network.gatedLayers();
    const dict = [...(await stateDict(network))].map(
      ([name, { shape, data }]) => [name, { dtype: 'F32', shape, data }] as const,
    );
    seeds.push({
      graph: network.graph,
      tensors: new Map<string, StoredTensor>([...dict, [`gate.${first.name}`, floats([first.outputs])]]),
    });
    network.release();
  }
  return {
    name: 'graph in a network file',
    write(folder, random) {
      const { graph, tensors } = pick(random, seeds);
      const metadata = {
        graph,
        classes: ['ant', 'bee', 'cat'],
        normalization: { mean: [0.1, 0.2, 0.3], std: [0.4, 0.5, 0.6] },
        source: { kind: 'folder', path: '/photos', folders: ['a', 'b', 'c'] },
        heldOut: { share: 0.2, seed: 1, exceptions: [], known: { 'a/1.png': '0' } },
      };
      const wrong = changed(random, random() < 0.7 ? { graph } : metadata) as object;
      const texts = Object.entries({ ...metadata, ...wrong }).flatMap(([key, value]) => {
        const text = JSON.stringify(value);
        return text === undefined ? [] : [[key, random() < 0.05 ? text.slice(0, -2) : text]];
      });
      const path = join(folder, 'net.safetensors');
      writeSafetensors(path, tensors, {
        ...Object.fromEntries(texts),
        gate: pick(random, ['filter', 'filter', 'filter', 'connection', 'all']),
      });
      return readFileSync(path).length;
    },
    read(folder) {
      const path = join(folder, 'net.safetensors');
      const file = readNetwork(path);
      const steps: (() => unknown)[] = [
        () => networkCost(file.graph, 224),
        () => channelClasses(file.graph),
        () => folded(file),
        () => compact(file.graph, file.dict),
        () =>
          writeOnnx(join(folder, 'net.onnx'), file.graph, file.dict, { classes: file.classes, ...file.normalization }),
      ];
      return steps.map((step) => told(path, step));
    },
  };
}

/** Commands put the file's name before what is wrong with it (naming()); here, too. */
function told(path: string, step: () => unknown): unknown {
  try {
    return step();
  } catch (error) {
    if (error instanceof Error && !error.message.includes(path)) error.message = `${path}: ${error.message}`;
    throw error;
  }
}

const checkpointReader: Reader = {
  name: 'checkpoint',
  write(folder, random) {
    const path = join(folder, 'checkpoint-000000009.safetensors');
    const metadata = {
      format: 'astrogpu checkpoint 1',
      config: JSON.stringify(of),
      progress: JSON.stringify(random() < 0.7 ? changed(random, state) : state) ?? '',
    };
    writeSafetensors(path, new Map([['nn.fc.bias', floats([3])]]), metadata);
    const bytes = readFileSync(path);
    return random() < 0.3 ? put(path, damaged(random, bytes, [bytes])) : bytes.length;
  },
  read(folder) {
    const path = join(folder, 'checkpoint-000000009.safetensors');
    return checked(JOB_STATE, readCheckpoint(path, of).progress, (reason) => new CheckpointError(path, reason));
  },
};

const saved = {
  config: of,
  command: 'npx astrogpu train',
  adapter: 'llvmpipe',
  standIn: false,
  folder: { size: 32, classes: ['a', 'b'], train: 16, test: 10 },
  date: '2026-11-28T00:00:00.000Z',
};
const choices = { key: { 'conv2d 1': { name: 'tiled', ms: { tiled: 1, plain: 2.5 } } } };
const table = { adapter: 'key', measured: [{ on: 'key', command: 'tune', date: 'today' }], choices: choices.key };
const finished = { config: of, arm: state.arms[0], e: { search: [0.1, null] }, seconds: 3, date: 'today' };
const rows = [
  {
    level: 'step',
    arm: 'plain NN',
    phase: 'guide',
    epoch: 0.5,
    step: 2,
    loss: 2.3,
    lr: 0.1,
    time: '2026-11-28T00:00:00Z',
  },
  { level: 'epoch', arm: 'plain NN', phase: 'guide', epoch: 1, step: 4, loss: 2.1, accuracy: 0.2, seconds: 1, e1: 0.5 },
];

const metricsReader: Reader = {
  name: 'metrics.jsonl',
  write(folder, random) {
    const lines = rows.map((row) => JSON.stringify(random() < 0.4 ? changed(random, row) : row) ?? '');
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
    return put(join(folder, 'metrics.jsonl'), random() < 0.5 ? damaged(random, bytes, [bytes]) : bytes);
  },
  read(folder) {
    const path = join(folder, 'metrics.jsonl');
    readMetrics(path);
    return truncateMetrics(path, (row) => row.epoch <= 1);
  },
};

const coco = {
  images: [
    { id: 7, file_name: 'a.jpg', width: 12, height: 8 },
    { id: 9, file_name: 'sub/b.jpg', width: 5, height: 5 },
  ],
  annotations: [
    { id: 1, image_id: 9, category_id: 18, bbox: [0, 0, 5, 5], segmentation: [[0, 0, 5, 0, 5, 5, 0, 5]], iscrowd: 0 },
    {
      id: 2,
      image_id: 7,
      category_id: 1,
      bbox: [0, 0, 1, 3],
      segmentation: { size: [8, 12], counts: [0, 30, 66] },
      iscrowd: 1,
    },
    {
      id: 3,
      image_id: 7,
      category_id: 18,
      bbox: [1, 0, 1, 3],
      segmentation: { size: [8, 12], counts: '0n0R2' },
      iscrowd: 0,
    },
  ],
  categories: [
    { id: 1, name: 'person' },
    { id: 18, name: 'dog' },
  ],
};
const cocoReader: Reader = {
  name: 'COCO list',
  write(folder, random) {
    mkdirSync(join(folder, 'images/sub'), { recursive: true });
    for (const name of ['a.jpg', 'sub/b.jpg']) writeFileSync(join(folder, 'images', name), '');
    return put(join(folder, 'instances.json'), jsonCase(random, [coco]));
  },
  async read(folder) {
    const { images } = await loadCoco(folder);
    for (const { objects, width, height } of images)
      for (const { mask } of objects) rasterizeMask(mask, stretch(width, height, 16, 16));
  },
};

async function tarReader(): Promise<Reader> {
  const archive = pack();
  archive.entry({ name: 'set/', type: 'directory' });
  archive.entry({ name: 'set/one.bin' }, Buffer.alloc(700, 3));
  archive.entry({ name: `set/${'long/'.repeat(40)}two.bin` }, 'two');
  archive.entry({ name: 'set/link', type: 'symlink', linkname: 'one.bin' });
  archive.finalize();
  const parts: Buffer[] = [];
  for await (const part of archive) parts.push(part as Buffer);
  const tar = Buffer.concat(parts);
  const zipped = gzipSync(tar);
  const read = async (path: string, plain: boolean): Promise<void> => {
    const bytes = Readable.from([readFileSync(path)]);
    const stream = plain ? bytes : bytes.pipe(createGunzip());
    for await (const _ of untar(stream, { name: path }));
  };
  return {
    name: 'tar and tar.gz',
    write: (folder, random) => {
      const plain = random() < 0.6;
      const seeds = [plain ? tar : zipped];
      // Headers lie at whole blocks; a number in them is what lengths are.
      const bytes = random() < 0.3 && plain ? withSize(tar, random) : damaged(random, seeds[0], seeds);
      return put(join(folder, plain ? 'a.tar' : 'a.tar.gz'), bytes);
    },
    read: (folder) => {
      const [path, plain] = exists(join(folder, 'a.tar'))
        ? [join(folder, 'a.tar'), true]
        : [join(folder, 'a.tar.gz'), false];
      return read(path as string, plain as boolean);
    },
  };
}

const exists = (path: string): boolean => {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
};

/** A tar whose first file says another size, type or name, under a checksum that is right. */
function withSize(tar: Buffer, random: Random): Buffer {
  const bytes = Buffer.from(tar);
  const header = bytes.subarray(512, 1024);
  const size = pick(random, [
    '00000000000',
    '77777777777',
    '00000000001',
    '-0000000001',
    'zzzzzzzzzzz',
    '\x80\0\0\x7f\xff\xff\xff\xff\xff\xff\xff',
  ]);
  header.write(size, 124, 'latin1');
  if (random() < 0.3) header.write(pick(random, ['x', 'g', 'L', 'K', '5', '2', 'S', '\0']), 156, 'latin1');
  if (random() < 0.2) header.write(pick(random, ['../evil\0', '/etc/evil\0', 'a/../../b\0', '\0']), 0, 'latin1');
  header.write('        ', 148);
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  return bytes;
}

const { files: cifar, layout } = tinySet();
const sums = new Map<string, typeof layout>();
const cifarReader: Reader = {
  name: 'CIFAR-10 binaries',
  write(folder, random) {
    const md5 = (bytes: Buffer): string => createHash('md5').update(bytes).digest('hex');
    const names = [...cifar.keys()];
    const name = pick(random, names);
    let written = 0;
    const files = new Map(cifar);
    const seeds = [...cifar.values()];
    const bytes = random() < 0.5 ? damaged(random, cifar.get(name)!, seeds) : Buffer.from(cifar.get(name)!);
    if (bytes.length >= recordBytes && random() < 0.5)
      bytes[pick(random, [0, recordBytes])] = pick(random, [9, 10, 255]);
    files.set(name, bytes);
    for (const [each, content] of files)
      if (each !== name || random() > 0.05) written += put(join(folder, each), content);
    // Half of the time the published sum is that of the damaged file, so that what lies behind it is reached.
    const right = random() < 0.5;
    const sumOf = ({ name: each, md5: sum }: (typeof layout.train)[number]) => ({
      name: each,
      md5: right ? md5(files.get(each)!) : sum,
    });
    sums.set(folder, { ...layout, train: layout.train.map(sumOf), test: layout.test.map(sumOf) });
    return written;
  },
  read: (folder) => readCifar10(folder, sums.get(folder)),
};

const classListReader = bytesReader(
  'classes.txt',
  'classes.txt',
  ['0\tn01440764\ttench\n1\tn01443537\tgoldfish\n', 'cat\ndog\n', 'red the rose\r\nblue the sky\r\n'].map((text) =>
    Buffer.from(text),
  ),
  readClassList,
);

const NAMES = [
  'a',
  'b',
  'A',
  'train',
  'val',
  'test',
  'runs',
  '1',
  ' ',
  'é',
  'e\u0301',
  '.x',
  '__MACOSX',
  'line\nend',
  '\u001b[31m',
  '💥',
  'con',
  "it's",
  '-rf',
  '%s',
  'x'.repeat(250),
];
const FILES = ['1.png', '2.png', '3.JPG', 'x.heic', 'x.txt', 'Thumbs.db', 'line\nend.png', 'é.png'];

async function folderReader(): Promise<Reader> {
  const png = await sharp({ create: { width: 6, height: 6, channels: 3, background: '#804020' } })
    .png()
    .toBuffer();
  return {
    name: 'folders of images',
    share: 0.25,
    write(folder, random) {
      let written = 0;
      if (random() < 0.6)
        for (const path of ['a/1.png', 'a/2.png', 'b/1.png', 'b/2.png']) {
          mkdirSync(join(folder, path, '..'), { recursive: true });
          written += put(join(folder, path), png);
        }
      for (let count = 1 + Math.floor(random() * 4); count > 0; count--) {
        const depth = 1 + Math.floor(random() * 2);
        const path = join(folder, ...Array.from({ length: depth }, () => pick(random, NAMES)));
        // A name that is a file already, as in any folder that people fill.
        try {
          mkdirSync(path, { recursive: true });
        } catch {
          continue;
        }
        if (random() < 0.05) mkdirSync(Buffer.from(`${folder}/caf\xe9`, 'latin1'), { recursive: true });
        for (let files = Math.floor(random() * 4); files > 0; files--)
          written += put(join(path, pick(random, FILES)), random() < 0.7 ? png : damaged(random, png, [png]));
      }
      return written;
    },
    read: (folder) => loadImageFolder(folder, { size: 4 }),
  };
}

async function pictureReader(): Promise<Reader> {
  const picture = sharp({ create: { width: 24, height: 16, channels: 3, background: '#804020' } });
  const seeds = [
    await picture.png().toBuffer(),
    await picture.jpeg().toBuffer(),
    await picture.webp().toBuffer(),
    await picture.gif().toBuffer(),
    await picture.tiff().toBuffer(),
  ];
  return bytesReader('pictures', 'a.png', seeds, (path) => decodeImage(path, 8), 0.5);
}

/** All readers; seeds that take a file are made in `scratch`. */
export async function readers(scratch: string): Promise<Reader[]> {
  mkdirSync(scratch, { recursive: true });
  return [
    safetensorsReader(scratch),
    await networkReader(),
    checkpointReader,
    jsonReader('config.json', 'config.json', [saved], (path) => readSaved({ resume: join(path, '..') })),
    metricsReader,
    jsonReader('kernel choices', 'tuning.json', [choices], (path) => choicesOf(path, readFileSync(path, 'utf8'))),
    jsonReader('tuning table', 'table.json', [table], readTuningTable),
    jsonReader('result of a run', 'result.json', [finished, { failed: 'a loss' }], (path) =>
      readOutcome(join(path, '..')),
    ),
    classListReader,
    cocoReader,
    await tarReader(),
    cifarReader,
    await folderReader(),
    await pictureReader(),
    jsonReader(
      'run.lock',
      'run.lock',
      [
        { pid: 4194999, host: hostname(), began: 'boot 7' },
        { pid: 1, host: 'elsewhere' },
      ],
      (path) => lockFolder(join(path, '..'), 'resume')(),
    ),
  ];
}

/** Empties a folder. */
export function clear(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
}

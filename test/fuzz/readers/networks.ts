// Files of tensors: safetensors, ours and others', and the graph in a network's file, from which goes on what commands make of it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeOnnx } from '../../../src/export/index.ts';
import { readSafetensors, type StoredTensor, writeSafetensors } from '../../../src/io/safetensors.ts';
import { readWeights } from '../../../src/io/weight-files.ts';
import { channelClasses, createModel, type Graph, networkCost } from '../../../src/models/index.ts';
import { stateDict } from '../../../src/nn/index.ts';
import { compact } from '../../../src/prune/index.ts';
import { readNetwork } from '../../../src/train/files/network-file.ts';
import { folded } from '../../../src/train/files/network-tensors.ts';
import { gpu } from '../../support/gpu.ts';
import { changed, damaged, pick } from '../mutate.ts';
import { jsonCase, put, type Reader } from './reader.ts';

/** A tensor of one value. */
export const floats = (shape: number[], from = 0.5): StoredTensor => ({
  dtype: 'F32',
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(from),
});
/** A header of the format over data, whatever it says. */
function safetensorsBytes(header: unknown, data: Buffer): Buffer {
  const text = Buffer.from(JSON.stringify(header) ?? '');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, data]);
}

export function safetensorsReader(scratch: string): Reader {
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

/** Two shards, and an index that was changed or damaged. */
export const weightsReader: Reader = {
  name: 'weights in parts',
  write(folder, random) {
    const shards = ['a.safetensors', 'b.safetensors'];
    for (const [i, shard] of shards.entries())
      put(
        join(folder, shard),
        safetensorsBytes({ [`${i}.weight`]: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } }, Buffer.alloc(8)),
      );
    const weight_map = { '0.weight': shards[0], '1.weight': shards[1] };
    return put(
      join(folder, 'model.safetensors.index.json'),
      jsonCase(random, [{ metadata: { total_size: 16 }, weight_map }]),
    );
  },
  read: (folder) => readWeights(join(folder, 'model.safetensors.index.json')),
};

/** The graph and what stands beside it in a network's header, and all that is made of a graph without a GPU. */
export async function networkReader(): Promise<Reader> {
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

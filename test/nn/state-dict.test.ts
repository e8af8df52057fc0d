// State dicts: torch's names and layouts out and in, and every mismatch in one line before anything is changed.
import { describe, expect, it } from 'vitest';
import { createModel } from '../../src/models/zoo/registry.ts';
import { loadStateDict, StateDictError, type StateTensor, stateDict } from '../../src/nn/state-dict.ts';
import { gpu } from '../support/gpu.ts';
import { values } from '../support/random.ts';
import { tinyNet } from '../support/tiny-net.ts';

function refusal(load: () => void): string {
  try {
    load();
  } catch (error) {
    expect(error).toBeInstanceOf(StateDictError);
    expect((error as Error).message).not.toContain('\n');
    return (error as Error).message;
  }
  throw new Error('the state dict was accepted');
}

describe('stateDict and loadStateDict', () => {
  it('what is loaded comes back, in torch layout', async () => {
    const network = tinyNet().to(gpu, 1);
    const dict = await stateDict(network);
    expect([...dict].map(([name, { shape }]) => [name, shape])).toEqual([
      ['conv1.weight', [6, 3, 3, 3]],
      ['conv2.weight', [10, 6, 3, 3]],
      ['fc.weight', [4, 10]],
      ['fc.bias', [4]],
    ]);
    const other = new Map<string, StateTensor>();
    for (const [name, { shape, data }] of dict) other.set(name, { shape, data: values(7, data.length) });
    loadStateDict(network, other);
    expect(await stateDict(network)).toEqual(other);
    // Output 4, input 2, row 1, column 0: stored as kh×kw×in×out.
    const stored = await network.arena.tensors.get('conv2.weight')!.floats();
    expect(stored[(3 * 6 + 2) * 10 + 4]).toBe(other.get('conv2.weight')!.data[(4 * 6 + 2) * 9 + 3]);
    network.release();
  });

  it('batch counters are ignored, and names in `except` keep their values', async () => {
    const network = tinyNet().to(gpu, 1);
    const before = await stateDict(network);
    const dict = new Map(before);
    dict.set('conv1.weight', { shape: [6, 3, 3, 3], data: values(3, 162) });
    dict.set('bn1.num_batches_tracked', { shape: [], data: Float32Array.of(5) });
    dict.set('fc.weight', { shape: [1], data: Float32Array.of(9) });
    dict.delete('fc.bias');
    loadStateDict(network, dict, new Set(['fc.weight', 'fc.bias']));
    const after = await stateDict(network);
    expect(after.get('conv1.weight')).toEqual(dict.get('conv1.weight'));
    for (const name of ['conv2.weight', 'fc.weight', 'fc.bias']) expect(after.get(name)).toEqual(before.get(name));
    network.release();
  });

  it('an entry by either of its names is refused beside the other', async () => {
    const network = tinyNet().to(gpu, 1);
    const dict = new Map(await stateDict(network));
    const joined = new Map([...dict].map(([name, value]) => [name === 'fc.weight' ? 'fc_weight' : name, value]));
    loadStateDict(network, joined);
    for (const both of [
      [...dict, ...joined],
      [...joined, ...dict],
    ])
      expect(refusal(() => loadStateDict(network, new Map(both)))).toMatch(/fc_weight is not in the network/);
    network.release();
  });

  it('lists what is missing, left over and of another shape, and changes nothing', async () => {
    const network = tinyNet().to(gpu, 1);
    const before = await stateDict(network);
    const dict = new Map<string, StateTensor>([
      ['conv1.weight', { shape: [6, 3, 3, 3], data: values(3, 162) }],
      ['conv2.weight', { shape: [10, 3, 3, 3], data: values(3, 270) }],
      ['fc.weight', { shape: [], data: values(3, 1) }],
      ['head.bias', { shape: [4], data: values(3, 4) }],
    ]);
    expect(refusal(() => loadStateDict(network, dict))).toBe(
      'the state dict is of another network, 4 of its tensors do not fit: conv2.weight is 10×3×3×3, the network has 10×6×3×3; ' +
        'fc.weight is a single value, the network has 4×10; fc.bias is missing; head.bias is not in the network',
    );
    expect(await stateDict(network)).toEqual(before);
    network.release();
  });

  it('quotes the first eight of many, and counts the rest', async () => {
    const network = createModel('resnet-small').to(gpu, 1);
    const message = refusal(() => loadStateDict(network, new Map()));
    const all = network.arena.tensors.size + network.bufferArena!.tensors.size;
    expect(message).toContain(`${all} of its tensors do not fit: conv1.weight is missing; bn1.weight is missing`);
    expect(message.match(/is missing/g)).toHaveLength(8);
    expect(message).toMatch(new RegExp(`; and ${all - 8} more$`));
    network.release();
  });
});

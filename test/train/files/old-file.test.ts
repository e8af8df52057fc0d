// Files that versions before 0.1.0 wrote are read for ever: one with a node of every kind, gates, and the metadata key of that time.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Network } from 'astrogpu/models';
import { EVAL, loadStateDict } from 'astrogpu/nn';
import { noGrad, tensor, uniformArray } from 'astrogpu/tensor';
import { readNetwork } from 'astrogpu/train';
import { expect, it } from 'vitest';
import { gpu } from '../../support/gpu.ts';

const path = (name: string): string => fileURLToPath(new URL(`./${name}`, import.meta.url));

it('a network of before 0.1.0 gives the logits that it gave then', async () => {
  const { graph, dict, gates, classes, normalization } = readNetwork(path('before-0.1.safetensors'));
  expect(classes).toEqual(['a', 'b', 'c']);
  expect(normalization).toEqual({ mean: [0.4, 0.5, 0.6], std: [0.2, 0.25, 0.3] });
  expect(gates!.kind).toBe('filter');
  expect([...gates!.maps].map(([name, { data }]) => [name, [...data]])).toEqual([
    ['conv1', [1, 0.5, 0, 0.75]],
    ['fc', [1, 0, 0.25, 0.5, 1, 1, 0, 1]],
  ]);
  const network = new Network(graph).to(gpu, 1);
  loadStateDict(network, dict);
  const images = tensor(gpu, uniformArray(2 * 8 * 8 * 3, 5, 0), [2, 8, 8, 3]);
  const logits = await noGrad(() => network.forward(images, EVAL)).floats();
  const { logits: wanted } = JSON.parse(readFileSync(path('before-0.1.json'), 'utf8')) as { logits: number[] };
  for (const [i, value] of wanted.entries()) expect(logits[i]).toBeCloseTo(value, 5);
});

// Vision transformers from elsewhere: every tensor's name of torchvision and of Hugging Face is one of ours, or a part of one, whatever stands before it.
import { expect, it } from 'vitest';
import { adaptNames, isClassifier } from '../../../src/models/checkpoint/names.ts';
import { partOf } from '../../../src/models/checkpoint/parts.ts';
import { isDistilled, isRepresentation } from '../../../src/models/checkpoint/vit.ts';
import { createModel } from '../../../src/models/zoo/registry.ts';
import { huggingFace, split, torchvision, torchvisionBefore13 } from './vit-names.ts';

const network = createModel('vit-t-16', { width: 1 / 24 });
const own = [...network.namedParameters()].map(([name]) => name);

/** How often each name of the network is met, whole or in parts. */
function met(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of adaptNames(network, names).values()) {
    const whole = own.includes(name) ? name : (partOf(name)?.whole ?? name);
    counts.set(whole, (counts.get(whole) ?? 0) + 1);
  }
  return counts;
}

it.each<[string, (name: string) => string[]]>([
  ['timm', (name) => [name]],
  ['timm with q, k and v apart', (name) => split(name, (part) => `${part}_proj`)],
  ['torchvision', (name) => [torchvision(name)]],
  ['torchvision before 0.13', (name) => [torchvisionBefore13(name)]],
  ['Hugging Face', huggingFace],
])('%s', (_, theirs) => {
  for (const prefix of [
    '',
    'module.',
    'model.',
    '_orig_mod.',
    'module._orig_mod.model.',
    '_orig_mod._orig_mod.',
    'student.backbone.',
  ]) {
    const counts = met(own.flatMap(theirs).map((name) => prefix + name));
    expect([...counts.keys()].sort()).toEqual([...own].sort());
    for (const [name, count] of counts) expect(count, name).toBe(theirs(name).length);
  }
});

it("Hugging Face's network without its head", () => {
  const body = own.filter((name) => !name.startsWith('head.'));
  const names = body.flatMap(huggingFace).map((name) => name.replace(/^vit\./, ''));
  expect([...met(names).keys()].sort()).toEqual([...body].sort());
  expect([...met(names.map((name) => `deit.${name}`)).keys()].sort()).toEqual([...body].sort());
});

it('what stands before the head goes with it, and a distilled network is known', () => {
  for (const name of [
    'heads.pre_logits.weight',
    'module.pre_logits.fc.bias',
    'pooler.dense.weight',
    'vit.pooler.dense.bias',
  ])
    expect([isRepresentation(name), isClassifier(name)], name).toEqual([true, true]);
  expect(['heads.head.weight', 'module.heads.head.bias', 'classifier.weight'].every(isClassifier)).toBe(true);
  for (const name of [
    'dist_token',
    'head_dist.weight',
    'deit.embeddings.distillation_token',
    'distillation_classifier.bias',
  ])
    expect(isDistilled(name), name).toBe(true);
  for (const name of own) expect([isDistilled(name), isRepresentation(name)], name).toEqual([false, false]);
});

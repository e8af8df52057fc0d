// What gates have put on layers for the length of a forward pass, so that a part of the pass that runs again later finds it as it was.
import type { Module } from '../nn/index.ts';
import { Tensor } from '../tensor/index.ts';

/** A tensor that a layer runs with, and where it stands. */
export interface HeldMask {
  holder: object;
  key: 'masked' | 'gate' | 'mask';
  tensor: Tensor;
}

/** Those that stand on some layers now. */
export function heldMasks(layers: Iterable<Module>): HeldMask[] {
  const found: HeldMask[] = [];
  const look = (holder: object, key: HeldMask['key']): void => {
    const tensor = (holder as Record<string, unknown>)[key];
    if (tensor instanceof Tensor) found.push({ holder, key, tensor });
  };
  for (const layer of layers) {
    for (const key of ['masked', 'gate'] as const) look(layer, key);
    for (const [, parameter] of layer.namedParameters()) look(parameter, 'mask');
  }
  return found;
}

/** Runs `fn` with `tensors` in their places, and puts back what was there. */
export function withMasks<T>(masks: readonly HeldMask[], tensors: readonly Tensor[], fn: () => T): T {
  const places = masks.map(({ holder, key }) => ({ holder: holder as Record<string, Tensor | undefined>, key }));
  const before = places.map(({ holder, key }) => holder[key]);
  try {
    for (const [i, { holder, key }] of places.entries()) holder[key] = tensors[i];
    return fn();
  } finally {
    for (const [i, { holder, key }] of places.entries()) holder[key] = before[i];
  }
}

// The layers that gates cut, and the normalization that a channel's gate scales.
import { expect, it } from 'vitest';
import { GraphBuilder } from '../../../src/models/graph/builder.ts';
import { type GraphLayer, layersOf } from '../../../src/models/graph/layers.ts';

/** A convolution with a norm of its own, one that a norm alone reads, one that is read twice, one that a convolution with a norm reads. */
function layers(outputs?: string[]): GraphLayer[] {
  const b = new GraphBuilder();
  const own = b.conv(b.image(), 'own', 4, { kernel: 5, norm: 'own.norm' });
  const alone = b.conv(own, 'alone', 6, { kernel: 1 });
  const twice = b.conv(b.norm(alone, 'alone.norm'), 'twice', 6);
  const sum = b.conv(b.norm(twice, 'twice.norm'), 'sum', 6, { residual: twice });
  b.norm(b.linear(b.globalPool(b.conv(sum, 'last', 5, { norm: 'last.norm' })), 'fc', 3), 'fc.norm');
  return layersOf(b.graph('layers', 8, outputs));
}

it('have their sizes, and the norm right after them where nothing else reads them', () => {
  expect(layers()).toEqual([
    { layer: 'own', inputs: 3, outputs: 4, area: 25, filter: 'output', border: true, norm: 'own.norm' },
    { layer: 'alone', inputs: 4, outputs: 6, area: 1, filter: 'output', border: false, norm: 'alone.norm' },
    { layer: 'twice', inputs: 6, outputs: 6, area: 9, filter: 'output', border: true },
    { layer: 'sum', inputs: 6, outputs: 6, area: 9, filter: 'output', border: true },
    { layer: 'last', inputs: 6, outputs: 5, area: 9, filter: 'output', border: true, norm: 'last.norm' },
    { layer: 'fc', inputs: 5, outputs: 3, area: 1, filter: 'input', border: false },
  ]);
});

it('a value that the network gives is not scaled by the norm after it, so that norm is none of its layer', () => {
  const of = (outputs?: string[]) => layers(outputs).find(({ layer }) => layer === 'alone')!.norm;
  expect(of(['fc.norm'])).toBe('alone.norm');
  expect(of(['alone', 'fc.norm'])).toBeUndefined();
});

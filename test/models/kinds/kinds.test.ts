// Every kind of node among others, in networks of every sort of end: classifiers, maps, several outputs, several sources.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../../src/models/graph/builder.ts';
import type { Graph } from '../../../src/models/graph/graph.ts';
import { vit } from '../../../src/models/zoo/vit.ts';
import { agreesWithItself } from '../../support/graph.ts';

/** Every kind, with odd numbers of channels. */
function everyKind(): Graph {
  const b = new GraphBuilder();
  const stem = b.conv(b.image(), 'stem', 7, { kernel: 5, stride: 2, bias: true, norm: 'stem.norm', relu: true });
  const shifted = b.add({ op: 'shift', name: 'shift', input: stem, shift: 'shift', channels: 7, relu: true });
  const side = b.conv(shifted, 'side', 3, { relu: true });
  const sum = b.conv(side, 'sum', 7, { bias: true, residual: shifted });
  const normed = b.norm(b.concat('both', sum, side), 'norm', { relu: true });
  const pooled = b.pool('avgPool', 'average', b.pool('maxPool', 'largest', normed, 3, 2, 1), 3, 1, 1);
  b.linear(b.globalPool(b.conv(pooled, 'last', 6, { kernel: 2, norm: 'last.norm', relu: true })), 'fc', 4);
  return b.graph('every kind', 17);
}

/** A DenseNet's block, whose concatenations grow in place. */
function denseBlock(): Graph {
  const b = new GraphBuilder();
  let x = b.conv(b.image(), 'stem', 6);
  for (let i = 0; i < 3; i++)
    x = b.concat(`block${i}`, x, b.conv(b.norm(x, `norm${i}`, { relu: true }), `conv${i}`, 4));
  b.linear(b.globalPool(b.norm(x, 'norm', { relu: true })), 'fc', 3);
  return b.graph('dense', 8);
}

/** Ends in a map, as a segmentation network. */
function mapEnd(): Graph {
  const b = new GraphBuilder();
  const stem = b.conv(b.image(), 'stem', 8, { norm: 'stem.norm', relu: true, stride: 2 });
  b.conv(b.conv(stem, 'inner', 8, { norm: 'inner.norm', relu: true }), 'score', 5, { kernel: 1, bias: true });
  return b.graph('map', 9);
}

/** A trunk with a map and logits, of which one output is read by the other. */
function twoOutputs(): Graph {
  const b = new GraphBuilder();
  const stem = b.conv(b.image(), 'stem', 8, { norm: 'stem.norm', relu: true });
  const map = b.conv(stem, 'map', 6, { norm: 'map.norm' });
  const deep = b.conv(map, 'deep', 8, { norm: 'deep.norm', relu: true, stride: 2 });
  b.linear(b.globalPool(deep), 'fc', 3);
  return b.graph('two outputs', 8, [map, 'fc']);
}

/** Two kinds of images that meet in a sum. */
function twoSources(): Graph {
  const b = new GraphBuilder();
  const color = b.conv(b.image(3, 'color'), 'of.color', 8, { norm: 'color.norm' });
  const depth = b.conv(b.image(1, 'depth'), 'of.depth', 8, { norm: 'depth.norm', residual: color, relu: true });
  b.linear(b.globalPool(b.conv(depth, 'mix', 8, { norm: 'mix.norm', relu: true })), 'fc', 3);
  return b.graph('two sources', 8);
}

/** Nodes that stand for themselves where others could take them over, and maps laid flat. */
function loose(): Graph {
  const b = new GraphBuilder();
  const stem = b.conv(b.image(), 'stem', 6, { norm: 'stem.norm', stride: 2 });
  const open = b.add({ op: 'relu', name: 'open', input: b.pool('maxPool', 'pool', stem, 2) });
  const [left, right] = ['left', 'right'].map((name) => b.conv(open, name, 5, { norm: `${name}.norm`, relu: true }));
  const sum = b.add({
    op: 'add',
    name: 'sum',
    inputs: [b.pool('avgPool', 'around', left, 3, 1, 1), right],
    relu: false,
  });
  const again = b.add({ op: 'add', name: 'again', inputs: [sum, b.norm(sum, 'norm')], relu: true });
  const flat = b.add({ op: 'flatten', name: 'flat', input: again, positions: 4 });
  const hidden = b.add({ op: 'relu', name: 'hidden.relu', input: b.linear(flat, 'hidden', 8) });
  b.linear(hidden, 'fc', 3);
  return b.graph('loose', 8);
}

/** Tokens beside each other, all of them laid flat, and normalized maps and vectors. */
function sequence(): Graph {
  const b = new GraphBuilder();
  const map = b.layerNorm(b.conv(b.image(), 'patches', 6, { kernel: 4, stride: 4, padding: 0, bias: true }), 'first');
  const tokens = b.tokens(map, [2, 2]);
  const both = b.concat('both', tokens, b.linear(tokens, 'side', 3, { filter: 'output', bias: false }));
  const open = b.gelu(b.linear(both, 'inner', 5, { filter: 'output' }), 'open');
  const flat = b.add({ op: 'flatten', name: 'flat', input: open, positions: 5 });
  b.linear(b.layerNorm(b.linear(flat, 'hidden', 4), 'last'), 'fc', 3);
  return b.graph('sequence', 8);
}

/** Vectors through linear layers. */
function perceptron(): Graph {
  const b = new GraphBuilder();
  const x = b.add({ op: 'vector', name: 'vector', channels: 9 });
  const hidden = b.add({ op: 'relu', name: 'relu', input: b.linear(x, 'hidden', 7) });
  const deep = b.add({ op: 'linear', name: 'deep', input: hidden, linear: 'deep', inputs: 7, outputs: 7, bias: false });
  b.linear(b.add({ op: 'add', name: 'sum', inputs: [hidden, deep], relu: true }), 'fc', 4);
  return b.graph('perceptron', 1);
}

/** A transformer with so few channels that one alone of its residual sum may go. */
const narrow = vit({ model: 'narrow', size: 8, patch: 4, width: 6, blocks: 1, heads: 2, classes: 3 });

describe.each([
  sequence(),
  narrow,
  loose(),
  perceptron(),
  everyKind(),
  denseBlock(),
  mapEnd(),
  twoOutputs(),
  twoSources(),
])('$model', (graph) => agreesWithItself(graph));

it('nothing but the kinds themselves switches on what a node is', () => {
  const src = fileURLToPath(new URL('../../../src/', import.meta.url));
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.startsWith('models/kinds/'),
  );
  expect(files.length).toBeGreaterThan(100);
  const ops = [...new Set([everyKind(), loose(), perceptron()].flatMap(({ nodes }) => nodes.map(({ op }) => op)))].join(
    '|',
  );
  const asks = new RegExp(`\\.op [!=]==|\\bop [!=]== '(${ops})'|case '(${ops})'`);
  expect(files.filter((file) => asks.test(readFileSync(src + file, 'utf8')))).toEqual([]);
});

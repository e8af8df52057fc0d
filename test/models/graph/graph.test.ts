// What makes a graph hang together, and what is refused.
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../../src/models/graph/builder.ts';
import {
  channelsOf,
  classesOf,
  classifierOf,
  extentsOf,
  type Graph,
  outputsOf,
  sourcesOf,
} from '../../../src/models/graph/graph.ts';
import { addNodeKind, type GraphNode, kindOf } from '../../../src/models/kinds/index.ts';
import { GraphError } from '../../../src/models/node/kind.ts';

const map = (): Graph => {
  const b = new GraphBuilder();
  b.conv(b.conv(b.image(), 'a', 4, { stride: 2 }), 'b', 5);
  return b.graph('map', 9);
};

describe('sources and outputs', () => {
  it('the last node is the output unless others are named', () => {
    expect(outputsOf(map())).toEqual(['b']);
    expect(outputsOf({ ...map(), outputs: ['a', 'b'] })).toEqual(['a', 'b']);
    expect(map()).not.toHaveProperty('outputs');
  });

  it('every image is a source', () => {
    const b = new GraphBuilder();
    const [left, right] = [b.image(1, 'left'), b.image(2, 'right')];
    b.concat('both', left, right);
    expect(sourcesOf(b.graph('pair', 8))).toEqual(['left', 'right']);
    expect([...channelsOf(b.graph('pair', 8))]).toEqual([
      ['left', 1],
      ['right', 2],
      ['both', 3],
    ]);
  });

  it('a map tells no classes apart, a linear layer does, whichever output it is', () => {
    expect(classifierOf(map())).toBeUndefined();
    expect(() => classesOf(map())).toThrow(GraphError);
    expect(() => classesOf(map())).toThrow('map tells no classes apart: its output b gives no logits');
    const b = new GraphBuilder();
    const x = b.conv(b.image(), 'a', 4);
    b.linear(b.globalPool(x), 'head', 7);
    const both = b.graph('both', 8, ['a', 'head']);
    expect(classifierOf(both)).toEqual({ node: 'head', layer: 'head', classes: 7 });
    expect(classesOf(both)).toBe(7);
  });

  it('extents are followed to vectors, which have none', () => {
    const b = new GraphBuilder();
    const x = b.pool('maxPool', 'pool', b.conv(b.image(), 'a', 4, { stride: 2 }), 3, 2, 1);
    b.linear(b.globalPool(x), 'fc', 3);
    expect([...extentsOf(b.graph('sides', 8), [9, 14]).values()]).toEqual([[9, 14], [5, 7], [3, 4], [], []]);
  });
});

describe('refused', () => {
  const failing = (message: string, fn: () => unknown): void => {
    expect(fn).toThrow(GraphError);
    expect(fn).toThrow(message);
  };
  const nodes = (list: object[]): Graph => ({ ...map(), nodes: list as GraphNode[] });
  const [first, second] = map().nodes;

  it.each<[string, Graph, string]>([
    ['no node at all', nodes([]), 'a graph takes a source, such as a node of the kind "image", and there is none'],
    ['an output that is no node', { ...map(), outputs: ['b', 'c'] }, 'the output c is no node of the graph'],
    ['an output twice', { ...map(), outputs: ['b', 'b'] }, 'the output b is named twice'],
    ['an empty list of outputs', { ...map(), outputs: [] }, 'its list of outputs is empty'],
    [
      'a kind that is none',
      nodes([first, { ...second, op: 'fourier' }]),
      'node a is of the kind "fourier", which is none; there are image, ',
    ],
    ['a name of Object', nodes([first, { ...second, op: 'toString' }]), 'the kind "toString", which is none'],
    ['a node before what it reads', nodes([second, first]), 'node a reads image, which does not come before it'],
    [
      'a residual of other channels',
      nodes([first, { ...second, residual: 'image' }]),
      'takes 4 channels and is given 3',
    ],
  ])('%s', (_, graph, message) => failing(message, () => channelsOf(graph)));

  it('a value of another kind than a node takes, and images that a window does not fit', () => {
    const b = new GraphBuilder();
    b.conv(b.globalPool(b.image()), 'late', 4);
    failing('node late takes a map N×H×W×C and is given none', () => extentsOf(b.graph('late', 8)));
    const early = new GraphBuilder();
    early.linear(early.image(), 'early', 4);
    failing('node early reads image, which no globalPool has made N×C', () => extentsOf(early.graph('early', 8)));
    const large = new GraphBuilder();
    large.pool('maxPool', 'large', large.image(), 9);
    failing('node large does not fit images of 8×20', () => extentsOf(large.graph('large', 8), [8, 20]));
    const joined = new GraphBuilder();
    const half = joined.pool('maxPool', 'half', joined.image(), 2);
    joined.conv(half, 'sum', 3, { residual: 'image' });
    failing('node sum joins values of 4×4 and 8×8', () => extentsOf(joined.graph('joined', 8)));
    const beside = new GraphBuilder();
    beside.concat('pair', beside.image(), beside.globalPool('image'));
    failing('node pair joins values of 8×8 and no map', () => extentsOf(beside.graph('beside', 8)));
  });

  it('a builder names what is not there yet, and what does not fit', () => {
    const b = new GraphBuilder();
    failing('there is no node stem yet: add it before what reads it', () => b.conv('stem', 'a', 4));
    failing('node b takes 4 channels and is given 3', () =>
      b.conv(b.image(), 'b', 4, { residual: b.image(3, 'other') }),
    );
  });

  it('a kind that is there already', () => {
    failing('there is a kind of node "conv" already', () => addNodeKind(kindOf(second)));
  });
});

// ONNX files of networks with other ends than one image and logits: what inputs and outputs are called, and that they are what the network computes.
import { describe, expect, it } from 'vitest';
import { CIFAR10_NORMALIZATION } from '../../../src/data/loader/device-data.ts';
import { toOnnx } from '../../../src/export/onnx/onnx.ts';
import { GraphBuilder } from '../../../src/models/graph/builder.ts';
import type { Graph } from '../../../src/models/graph/graph.ts';
import { expectOutputs, imagesFor, outputsFor } from '../../support/graph.ts';
import { normalized, onnxValues, randomState } from '../../support/onnx.ts';
import { decodeOnnx } from '../../support/onnx-decode.ts';

describe('other ends than one image and logits', () => {
  /** Two sources that meet, a map on the way and logits. */
  function ends(outputs?: string[], channels = [3, 3]): Graph {
    const b = new GraphBuilder();
    const left = b.conv(b.image(channels[0], 'left'), 'of left', 4, { relu: true });
    const both = b.conv(b.image(channels[1], 'right'), 'both', 4, { residual: left });
    b.linear(b.globalPool(both), 'fc', 3);
    return b.graph('ends', 6, outputs);
  }
  const files = async (graph: Graph, options?: Parameters<typeof toOnnx>[2]) => {
    const dict = await randomState(graph, 3);
    return { dict, bytes: toOnnx(graph, dict, options) };
  };

  it('inputs and outputs go by the names of their nodes', async () => {
    const { bytes } = await files(ends(['both', 'fc']));
    expect(decodeOnnx(bytes).values).toEqual({
      left: ['N', 3, 'left.H', 'left.W'],
      right: ['N', 3, 'right.H', 'right.W'],
      both: ['N', 4, 'both.H', 'both.W'],
      fc: ['N', 3],
    });
    const b = new GraphBuilder();
    b.conv(b.image(), 'map', 2);
    const map = await files(b.graph('map', 6));
    expect(decodeOnnx(map.bytes).values).toEqual({ images: ['N', 3, 'H', 'W'], map: ['N', 2, 'map.H', 'map.W'] });
  });

  it('pixels of every source are normalized, where they have the channels for it', async () => {
    const graph = ends(['both', 'fc']);
    const { dict, bytes } = await files(graph, CIFAR10_NORMALIZATION);
    const images = imagesFor(graph, 7);
    const scaled = Object.fromEntries(Object.entries(images).map(([name, image]) => [name, normalized(image)]));
    expectOutputs(await onnxValues(bytes, images), await outputsFor(graph, dict, scaled));
    await expect(files(ends(undefined, [3, 1]), CIFAR10_NORMALIZATION)).rejects.toThrow(
      'mean and std: 3 and 3 numbers are given for images of 1 channels',
    );
  });

  it('a source that is an output is handed through', async () => {
    const b = new GraphBuilder();
    b.conv(b.image(), 'map', 2);
    const graph = b.graph('handed', 6, ['image', 'map']);
    const { dict, bytes } = await files(graph);
    const images = imagesFor(graph, 7);
    const theirs = await onnxValues(bytes, { images: images.image });
    expectOutputs(theirs, await outputsFor(graph, dict, images));
    expect(theirs.image).toEqual(images.image.values);

    const pair = ends(['left', 'fc']);
    const made = await files(pair, CIFAR10_NORMALIZATION);
    const { left, right } = imagesFor(pair, 7);
    const found = await onnxValues(made.bytes, { 'left.images': left, right });
    const scaled = { left: normalized(left), right: normalized(right) };
    expectOutputs(found, await outputsFor(pair, made.dict, scaled));
  });

  it('names of classes are for logits', async () => {
    await expect(files(ends(['both']), { classes: ['a', 'b', 'c', 'd'] })).rejects.toThrow(
      'classes: 4 names are given for 0 logits',
    );
    const { bytes } = await files(ends(['both', 'fc']), { classes: ['a', 'b', 'c'] });
    expect(decodeOnnx(bytes).metadata.classes).toBe('["a","b","c"]');
  });
});

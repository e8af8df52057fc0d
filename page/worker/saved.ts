// An arm's network as a file: as astrogpu reads it, or for other runtimes; gates are folded into its weights.
import { needFiniteDict, toOnnx } from 'astrogpu/export';
import { AstroError } from 'astrogpu/gpu';
import { armNetwork, folded, type NetworkFile, packNetwork, type Stage } from 'astrogpu/train';
import type { Calls, SavedFile } from '../protocol.ts';
import { type Images, normalizationOf } from './images.ts';

/** The network of a stage, with what it was trained on. */
export async function networkOf(stage: Stage, { train, drawn }: Images): Promise<NetworkFile> {
  const { network } = await armNetwork(stage, {
    classes: train.classes,
    normalization: normalizationOf(train),
    ...(drawn && { standIn: true }),
    ...(train.heldOut && { heldOut: train.heldOut }),
  });
  return folded(network);
}

/** A network's file in a format. Throws AstroError for another one, and ExportError as toOnnx() does. */
export async function savedFile(
  name: string,
  file: NetworkFile,
  format: Calls['save'][0]['format'],
): Promise<SavedFile> {
  const stem = name.replace(/\.safetensors$/, '').replace(/\W+/g, '-');
  if (format === 'safetensors') {
    needFiniteDict(file.dict);
    return { name: `${stem}.safetensors`, bytes: await packNetwork(file) };
  }
  if (format !== 'onnx') throw new AstroError(`format "${format}": takes safetensors or onnx`);
  const { graph, dict, classes, normalization } = file;
  const bytes = toOnnx(graph, dict, { classes, ...normalization });
  return { name: `${stem}.onnx`, bytes: new Uint8Array(bytes) };
}

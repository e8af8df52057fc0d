// ONNX files on disk: apart from their bytes, which a page makes, too.
import { writeFileAtomic } from '../../io/index.ts';
import type { Graph } from '../../models/index.ts';
import type { StateTensor } from '../../nn/index.ts';
import { ExportError } from '../errors.ts';
import { type OnnxOptions, toOnnx } from './onnx.ts';

/**
 * Writes toOnnx() to `path`, whole or not at all. Throws as toOnnx does, and ExportError where the file cannot be written.
 *
 * @example
 * writeOnnx('net.onnx', network.graph, await stateDict(network), { classes, mean, std });
 */
export function writeOnnx(
  path: string,
  graph: Graph,
  dict: ReadonlyMap<string, StateTensor>,
  options: OnnxOptions = {},
): void {
  const bytes = toOnnx(graph, dict, options);
  try {
    writeFileAtomic(path, bytes);
  } catch (error) {
    throw new ExportError(`${path} cannot be written (${(error as Error).message}); what was there is untouched`);
  }
}

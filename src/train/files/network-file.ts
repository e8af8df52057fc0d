// A network in a file: see network-tensors.ts for what it holds.
import { readSafetensors, writeSafetensors } from '../../io/index.ts';
import { type NetworkFile, networkOf, storedNetwork } from './network-tensors.ts';

export type { DataSource, NetworkFile, TrainedOn } from './network-tensors.ts';

/** Writes the file whole or not at all. Throws CheckpointError. */
export function writeNetwork(path: string, file: NetworkFile): void {
  const { tensors, metadata } = storedNetwork(file);
  writeSafetensors(path, tensors, metadata);
}

/** Reads a network that writeNetwork wrote. Throws CheckpointError for another kind of file, and names the place in its metadata that is of another type. */
export const readNetwork = (path: string): NetworkFile => networkOf(path, readSafetensors(path));

/**
 * The io floor's public face: files written whole or not at all, safetensors, and what others' files are.
 * @module astrogpu/io
 */

export { isTemporaryName, writeFileAtomic } from './atomic-file.ts';
export { foreignKind } from './foreign.ts';
export { foreignFile } from './foreign-file.ts';
export { checkFilePath, checkFolderPath, isSameFile, makeFolder, removeMade } from './output-path.ts';
export { isOwnFolder, markFolder } from './own-folder.ts';
export { CheckpointError, readSafetensors, type StoredTensor, writeSafetensors } from './safetensors.ts';
export type { EventHistogram, EventLine } from './tensorboard/event.ts';
export { EventFile, eventFiles } from './tensorboard/event-file.ts';
export { readJsonFile, textOf } from './text-file.ts';
export { readWeights, type WeightFiles } from './weight-files.ts';
export { readWhole, unreadable } from './whole-file.ts';

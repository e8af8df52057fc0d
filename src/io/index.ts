// The io floor's public face.

export { isTemporaryName, writeFileAtomic } from './atomic-file.ts';
export { CheckpointError, readSafetensors, type StoredTensor, writeSafetensors } from './safetensors.ts';

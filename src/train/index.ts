// Training's public face: the two updates, the phases, and the job that strings them together.
export { type Checkpoint, readCheckpoint, restore, saveCheckpoint } from './checkpoint.ts';
export { compactArm, folded, loadNetwork } from './compaction.ts';
export { type ArmName, cutThreshold, type JobConfig } from './config.ts';
export { firstBad, NonFiniteLossError } from './diagnose.ts';
export { Evaluator, recalibrate } from './evaluate.ts';
export { armFile } from './finished-arm.ts';
export { type GuideOptions, GuideStage, type NnRecipe } from './guide.ts';
export { InterruptedError, Job, type JobOptions, type JobResult } from './job.ts';
export { Meter, type Reading } from './meter.ts';
export { type NetworkFile, readNetwork, type TrainedOn, writeNetwork } from './network-file.ts';
export { Progress } from './progress.ts';
export { createRunFolder, openRunFolder, RunFolderError, writeConfig } from './run-folder.ts';
export { CheckpointError, readSafetensors, type StoredTensor, writeSafetensors } from './safetensors.ts';
export { type SearchOptions, SearchStage, splitForSearch } from './search.ts';
export { millisecondsPerImage } from './speed.ts';
export { anUpdate, type Batch, type Learner, nnUpdate } from './updates.ts';
export { floatsOf, type LoadOptions, loadNetworkWeights } from './weights.ts';
export { checkJob, Workshop } from './workshop.ts';

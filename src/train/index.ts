/**
 * Training's public face: the two updates, the phases, and the job that strings them together.
 * @module astrogpu/train
 */

export {
  AttachedAstrocyte,
  type AttachedCount,
  type AttachedLayer,
  type AttachOptions,
  attachAstrocyte,
  type FinishOptions,
  type OwnSearchStep,
} from './attached/attached-astrocyte.ts';
export type { OwnGuide } from './attached/guide-own.ts';
export type { OwnLoss, OwnProgress, OwnTraining } from './attached/own-task.ts';
export type { OwnSearch } from './attached/search-own.ts';
export {
  type ArmName,
  type ConfigureOptions,
  choosesEpoch,
  configure,
  cutThreshold,
  isJobConfig,
  JOB_CONFIG,
  type JobConfig,
  type Limited,
  limited,
  partsOf,
} from './config.ts';
export { loadNetwork } from './files/loaded-network.ts';
export { readNetwork, writeNetwork } from './files/network-file.ts';
export {
  type DataSource,
  folded,
  type NetworkFile,
  packNetwork,
  type TrainedOn,
  unpackNetwork,
} from './files/network-tensors.ts';
export {
  ClassifierError,
  type FittedWeights,
  fitWeights,
  type LoadedWeights,
  type LoadOptions,
  loadNetworkWeights,
} from './files/weights.ts';
export { checkOfMemory, diskOptions, sourceChoice } from './options/disk-options.ts';
export { OF_GATES } from './options/gate-options.ts';
export {
  beyondPaper,
  type Given,
  isValueOf,
  type Option,
  type OptionTable,
  option,
  optionAs,
  type Reader,
  type Settings,
  settingsOf,
  toggle,
} from './options/option.ts';
export * as read from './options/read.ts';
export { JOB_OPTIONS } from './options/table.ts';
export { recipeDefaults } from './recipes.ts';
export { armFile, bestFile } from './run/arm-result.ts';
export { checkJob } from './run/check-job.ts';
export { checkConfig, checkGates, checkOptions } from './run/check-options.ts';
export { type Checkpoint, readCheckpoint, saveCheckpoint } from './run/checkpoint.ts';
export { compactArm } from './run/compaction.ts';
export {
  checkRunFolder,
  createRunFolder,
  type HeldFolder,
  holdRunFolder,
  keepAstrocyte,
  type RunFolderOptions,
} from './run/held-folder.ts';
export { InterruptedError, Job, type JobOptions, type JobResult } from './run/job.ts';
export { type GateCost, gateCosts } from './run/job-gates.ts';
export { ARM_RESULT } from './run/job-state.ts';
export { lastCheckpoint } from './run/last-checkpoint.ts';
export { estimateMemory } from './run/memory-estimate.ts';
export { largestMicroBatch, type MemoryPlan, type MemoryQuestion, measureStep, planMemory } from './run/memory-plan.ts';
export { MetricsLog, tensorboardPath } from './run/metrics-log.ts';
export { Progress, type ProgressOptions, type ProgressState } from './run/progress.ts';
export {
  astrocytePath,
  checkpointPath,
  keepNewestCheckpoints,
  metricsPath,
  openRunFolder,
  RunFolderError,
  readMetrics,
  truncateMetrics,
  tuningPath,
  writeConfig,
} from './run/run-folder.ts';
export { type RunRecord, readRun } from './run/run-record.ts';
export { savedCount, savedNumber } from './run/saved-values.ts';
export { type Timing, timeNetworks } from './run/speed.ts';
export { StageFactory, type StageFactoryOptions } from './run/stage-factory.ts';
export { armName, planStages, type StagePlan } from './run/stage-plan.ts';
export {
  checkStart,
  keepWeights,
  readStartingWeights,
  type StartingConfig,
  type StartingWeights,
} from './run/start.ts';
export { type ArmCounts, armNetwork } from './stages/arm-network.ts';
export type { Budget, PartSearch } from './stages/budget.ts';
export { buildGuide, buildSearch, buildStage, networkOptions, type StageMaterial } from './stages/build.ts';
export { checkFinite, type DiagnoseOptions, findFirstNonFinite, NonFiniteLossError } from './stages/diagnose.ts';
export {
  type Evaluated,
  type EvaluationScore,
  Evaluator,
  type Prediction,
  type Recalibration,
  recalibrate,
} from './stages/evaluate.ts';
export type { Cut, GateSummary } from './stages/gate-summary.ts';
export { createAstrocyte, gatesOf, networkGates } from './stages/gates.ts';
export { type GuideOptions, GuideStage } from './stages/guide.ts';
export { type LeftByCut, leftByCut } from './stages/left-by-cut.ts';
export type { NnRecipe, OptimizerRecipe } from './stages/nn-learner.ts';
export { meansOf, readingBetween, type StageMeans } from './stages/readings.ts';
export { type MetricsSnapshot, type PartOfStep, RunningMetrics } from './stages/running-metrics.ts';
export { type SearchOptions, SearchStage, splitForSearch } from './stages/search.ts';
export { type Learning, type SearchStepOptions, searchStep } from './stages/search-step.ts';
export type { EpochResult, Stage, StageSnapshot } from './stages/stage.ts';
export {
  type CheckpointParts,
  partsOfStage,
  restoreValues,
  type StoredValues,
  storedParts,
} from './stages/stored-stage.ts';
export {
  anUpdate,
  type Batch,
  type Learner,
  type LossChoice,
  nnUpdate,
  type Passes,
  type Penalty,
  type Steps,
  type TaskLoss,
  taskLoss,
} from './stages/updates.ts';

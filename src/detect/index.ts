/**
 * Public face of detect/: networks that find objects and their masks, trained by boxes alone, and what they are measured by.
 * @module astrogpu/detect
 */

export { DetectError } from './errors.ts';
export { type CategoryScores, type DetectionScores, evaluateDetections } from './evaluate/evaluate.ts';
export type { OverlapKind } from './evaluate/overlaps.ts';
export type { Scores } from './evaluate/scores.ts';
export type { DetectionBatch } from './feed/detection-batch.ts';
export { type CurrentDetections, DetectionBatches, type DetectionBatchesOptions } from './feed/detection-batches.ts';
export { type Detection, detections } from './infer/detections.ts';
export { type Finder, findObjects } from './infer/find.ts';
export type { ImageExtent } from './infer/masks.ts';
export {
  cocoResult,
  type Measurement,
  type MeasureOptions,
  matchCategories,
  measureDetector,
  SHOWN_SCORE,
} from './infer/measure.ts';
export { INFERENCE, type Inference, type InferenceOptions } from './infer/options.ts';
export { BoxInst, type BoxInstOutputs, maskParameters } from './model/box-inst.ts';
export type { BoxInstConfig, BoxInstOptions } from './model/config.ts';
export {
  type Category,
  type DetectorPreprocessing,
  type DetectorUse,
  type LoadedDetector,
  loadDetector,
  saveDetector,
} from './model/detector-file.ts';
export type { FcosHead, HeadOutputs } from './model/fcos-head.ts';
export type { FeatureLevel } from './model/levels.ts';
export type { MaskBranch } from './model/mask-branch.ts';
export { backboneGraph, type Pyramid } from './model/pyramid.ts';
export {
  type Backbone,
  loadBackbone,
  type PublishedPixels,
  type PublishedWeights,
  publishedWeights,
  readBackbone,
} from './model/weights.ts';
export { detectionPicture, truthPicture } from './pictures/drawn.ts';
export {
  type DetectorPicture,
  type DetectorReport,
  renderDetectorSummary,
  writeDetectorReport,
} from './report/detector-report.ts';
export { configureDetector, DETECTOR_CONFIG, type DetectorConfig, detectorNotes, QUICK } from './train/config.ts';
export type { DetectorJob, DetectorJobOptions, DetectorJobResult } from './train/job.ts';
export { COCO_NUMBERS, type Evaluation, SCORES } from './train/job-state.ts';
export { type BoxInstLosses, type BoxInstLossOptions, boxInstLoss } from './train/loss.ts';
export type { LossMeters, LossName, LossReading, LossValues } from './train/meters.ts';
export {
  type DetectorRun,
  type DetectorRunOptions,
  type MeasuredImage,
  openDetectorRun,
  type RunJobOptions,
} from './train/open.ts';
export { DETECTOR_OPTIONS, type DetectorGiven } from './train/options.ts';
export type { ProgramCache } from './train/program-cache.ts';
export { DetectorTrainer, type TrainerOptions } from './train/trainer.ts';

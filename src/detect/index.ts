// Public face of detect/: networks that find objects and their masks, trained by boxes alone, and what they are measured by.

export { DetectError } from './errors.ts';
export { type CategoryScores, type DetectionScores, evaluateDetections } from './evaluate/evaluate.ts';
export type { OverlapKind } from './evaluate/overlaps.ts';
export type { Scores } from './evaluate/scores.ts';
export type { DetectionBatch } from './feed/detection-batch.ts';
export { type CurrentDetections, DetectionBatches, type DetectionBatchesOptions } from './feed/detection-batches.ts';

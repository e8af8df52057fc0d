// What the networks of a job say of the images that they were trained on.
import { CIFAR10_NORMALIZATION, isOnDisk, type TaskImages, wholeEvaluation } from '../../data/index.ts';
import type { DataSource, TrainedOn } from '../files/network-file.ts';

/** Images held out in the memory's sets; of a set on a disk, how test images come to the network's size. */
export function trainedOn({
  train,
  standIn,
  source,
}: {
  train: TaskImages;
  standIn?: boolean | undefined;
  source?: DataSource | undefined;
}): TrainedOn {
  const { classes, normalization = CIFAR10_NORMALIZATION } = train;
  const trainedOn = { classes, normalization, standIn, source };
  if (!isOnDisk(train)) return { ...trainedOn, heldOut: train.heldOut };
  const { resize, interpolation } = wholeEvaluation(train.evaluation);
  return { ...trainedOn, resize, ...(interpolation !== 'decoder' && { interpolation }) };
}

// Where the main job's images come from: wherever loadCifar10 finds them, or, asked for by name, drawn without looking for the real set.
import { drawStandIn, type LoadedCifar10, loadCifar10, type StandInOptions } from '../data/index.ts';

/** What `--data` takes in place of a folder. */
export const STAND_IN = 'stand-in';

/** The two sets; `sizes` bounds what is drawn for STAND_IN. Throws as loadCifar10 does. */
export async function loadImages(
  data: string | undefined,
  sizes: StandInOptions,
  log: (line: string) => void,
): Promise<LoadedCifar10> {
  if (data !== STAND_IN) return loadCifar10({ dir: data, log });
  const sets = drawStandIn(sizes);
  const source = `drawn stand-in set (${sets.train.count} train, ${sets.test.count} test), NOT CIFAR-10`;
  log(`data: the ${source}, as asked for: its accuracies say nothing about CIFAR-10`);
  return { ...sets, source, standIn: true };
}

// A thread that makes places of batches of one size: what worker-loop.ts does, with images decoded and varied by a plan.
import { decodeForEvaluation, decodeForTraining } from '../transform/decode-planned.ts';
import { LoaderPlaces, type LoaderPlan } from './loader-plan.ts';
import { makePlaces } from './worker-loop.ts';

await makePlaces((plan: LoaderPlan) => {
  const { seed, size, training, evaluation } = plan;
  const places = new LoaderPlaces(plan);
  const bytes = size ** 2 * 3;
  return {
    find: (draw, at) => places.find(draw, at),
    replacement: (place, attempt) => places.replacement(place, attempt),
    async make(item, file, { epoch, copy }, pixels, at) {
      const into = pixels.subarray(at * bytes, (at + 1) * bytes);
      if (training) await decodeForTraining(file, training, { seed, epoch, index: item, copy }, into);
      else await decodeForEvaluation(file, evaluation!, into);
    },
  };
});

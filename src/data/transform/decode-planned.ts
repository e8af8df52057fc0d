// An image file's bytes as the pixels of a batch, by a plan and by nothing else than its arguments: what workers run.
import { needArguments } from '../../gpu/index.ts';
import { decodeImage } from '../image/decode.ts';
import { centerCrop } from '../image/frame.ts';
import { IMAGENET_CROP, randomResizedCrop } from './crop-box.ts';
import { type DrawKey, Draws, STREAMS } from './draws.ts';
import { checkEvaluation, checkTraining, type EvaluationPlan, type TrainingPlan, wholeEvaluation } from './plans.ts';
import { randAugment } from './rand-augment.ts';
import { type EncodedImage, readPart, readRgb } from './read-rgb.ts';
import { type Interpolation, resample } from './resample.ts';

/** Throws ArgumentError for what is missing. */
function needFile(of: string, file: EncodedImage, others: Readonly<Record<string, unknown>>): void {
  needArguments(of, 'an object', { file, ...others });
  needArguments(of, Uint8Array, { 'file.bytes': file.bytes });
}

/** A training image, u8 size × size × 3: cropped, resized, mirrored and augmented at random, by the key's numbers. Into `into` where it is given. Throws ImageDecodeError, and ConfigError for a plan that cannot be. */
export async function decodeForTraining(
  file: EncodedImage,
  plan: TrainingPlan,
  key: DrawKey,
  into?: Uint8Array,
): Promise<Uint8Array> {
  needFile('decodeForTraining', file, { plan, key });
  checkTraining(plan);
  const { size, crop = IMAGENET_CROP, interpolation = 'bicubic', flip = 0.5, randAugment: augment } = plan;
  const { image, box } = await readPart(file, (width, height) =>
    randomResizedCrop(width, height, crop, new Draws(key, STREAMS.crop)),
  );
  const how = {
    box,
    width: size,
    height: size,
    interpolation: interpolation === 'random' ? drawInterpolation(key) : interpolation,
    flip: new Draws(key, STREAMS.flip).uniform() < flip,
  };
  if (augment === undefined) return resample(image, how, into);
  const cropped = { data: resample(image, how), width: size, height: size };
  const { data } = randAugment(cropped, augment, new Draws(key, STREAMS.randAugment));
  if (into === undefined) return data;
  into.set(data);
  return into;
}

const drawInterpolation = (key: DrawKey): Interpolation =>
  new Draws(key, STREAMS.interpolation).uniform() < 0.5 ? 'bilinear' : 'bicubic';

/** An image to be evaluated, u8 size × size × 3: its middle, after its short side became what the plan says. Into `into` where it is given. Throws ImageDecodeError, and ConfigError for a plan that cannot be. */
export async function decodeForEvaluation(
  file: EncodedImage,
  plan: EvaluationPlan,
  into?: Uint8Array,
): Promise<Uint8Array> {
  needFile('decodeForEvaluation', file, { plan });
  checkEvaluation(plan);
  const { size, resize, interpolation } = wholeEvaluation(plan);
  if (interpolation === 'decoder') {
    const { pixels } = await decodeImage(file, size, resize);
    into?.set(pixels);
    return into ?? pixels;
  }
  const { data, width, height } = await readRgb(file);
  const { scaleX, scaleY, left, top } = centerCrop(width, height, size, resize);
  const how = {
    box: { left: 0, top: 0, width, height },
    width: Math.round(scaleX * width),
    height: Math.round(scaleY * height),
    window: { left, top, width: size, height: size },
    interpolation,
  };
  return resample({ data, width, height }, how, into);
}

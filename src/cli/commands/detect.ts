// `detect`: what a detector finds on pictures, drawn on them and as COCO's results. Pictures are worked on one at a time, so that a folder may hold any number of them.
import { basename, extname, join } from 'node:path';
import {
  type CocoId,
  type CocoResult,
  findPictures,
  ImageDecodeError,
  readRgbFile,
  writeCocoResults,
} from '../../data/index.ts';
import { cocoResult, type Detection, detectionPicture, findObjects, SHOWN_SCORE } from '../../detect/index.ts';
import { makeFolder, markFolder, writeFileAtomic } from '../../io/index.ts';
import { option, read } from '../../train/index.ts';
import { answer, say, warn } from '../common/command.ts';
import { gpuOnDemand } from '../common/gpu.ts';
import { helpPage } from '../common/help.ts';
import { HELP, parseTable, UsageError } from '../common/options.ts';
import { checkOutputFolder, freePicture, namesAfter } from '../common/outputs.ts';
import { detectorOnGpu, openDetector, SIDE_OPTIONS, sidesText } from '../detector/opened.ts';

/** The file of all that was found. */
const RESULTS = 'detections.json';

const table = {
  image: option<string[]>({
    value: 'FILE|DIR',
    many: true,
    help: 'a picture, or a folder for all below it; may be given more than once, and further ones may follow',
  }),
  threshold: option({
    value: 'X',
    read: read.number(0, 1),
    help: 'score from which on an object is told, 0 to 1',
    default: SHOWN_SCORE,
  }),
  ...SIDE_OPTIONS,
  out: option({
    value: 'DIR',
    read: read.text,
    help: `where the pictures and ${RESULTS} go, COCO's results; earlier ones are replaced`,
    default: 'detected',
  }),
  help: HELP,
};

const helpText = (command: string): string =>
  helpPage({
    about: [
      "Finds objects on pictures with a detector: each picture with boxes, masks, classes and scores on it, and all of them as COCO's results in JSON.",
    ],
    usage: [`${command} FILE --image PICTURE|DIR ... [options]`],
    options: table,
    more: [
      'In the JSON a picture is called by the number that it is named by, as those of COCO are (000000000139.jpg is 139), others by their paths.',
    ],
  });

export async function detect(args: string[], command: string): Promise<number> {
  const { values, words } = parseTable(table, args, { command, words: true });
  if (values.help) return answer(helpText(command));
  const [file, ...more] = words;
  if (file === undefined) throw new UsageError("name a detector's file");
  const paths = [...(values.image ?? []), ...more];
  if (paths.length === 0) throw new UsageError('--image is missing: name a picture, or a folder of them');
  const { out = table.out.default, threshold = table.threshold.default } = values;
  checkOutputFolder('out', out);
  const opened = openDetector(file, values);
  const { files, skipped } = await findPictures(paths);
  const { open, close } = gpuOnDemand();
  const finder = detectorOnGpu(await open(), opened);
  const classes = opened.categories.map(({ name }) => name);
  say(`${file}: ${classes.length} classes, ${sidesText(opened)}`);

  const odd = skipped.map(({ file, reason }) => `${file}: ${reason}`);
  const [names, ids] = [namesAfter(files), imageIds(files)];
  const results: CocoResult[] = [];
  const kept = [file, ...files];
  let worked = 0;
  for (const [i, path] of files.entries()) {
    const image = await readRgbFile(path).catch((error) => {
      if (error instanceof ImageDecodeError) return error;
      throw error;
    });
    if (image instanceof ImageDecodeError) {
      odd.push(image.message);
      continue;
    }
    const found = (await findObjects(finder, image)).filter(({ score }) => score >= threshold);
    for (const one of found) results.push(cocoResult(one, ids[i], opened.categories[one.class].id));
    if (makeFolder(out)) markFolder(out);
    const target = await freePicture(join(out, names[i]), kept, 'detected');
    writeFileAtomic(target, await detectionPicture(image, found, classes));
    kept.push(target);
    worked++;
    say(`${path}: ${inWords(found, classes)}; ${target}`);
  }
  for (const line of odd) warn(line);
  if (odd.length > 0) warn(`${worked} worked on, ${odd.length} skipped`);
  if (worked > 0) {
    writeCocoResults(join(out, RESULTS), results);
    say(`COCO's results: ${join(out, RESULTS)}`);
  }
  await close();
  return odd.length > 0 ? 1 : 0;
}

/** Objects that a line names. */
const NAMED = 8;

function inWords(found: readonly Detection[], classes: readonly string[]): string {
  if (found.length === 0) return 'nothing found';
  const named = found.slice(0, NAMED).map(({ class: label, score }) => `${classes[label]} ${score.toFixed(2)}`);
  return `${named.join(', ')}${found.length > NAMED ? ` and ${found.length - NAMED} more` : ''}`;
}

/** What pictures are called in COCO's results: by the number in their name where no other has it, else by their path. */
export function imageIds(files: readonly string[]): CocoId[] {
  const numbers = files
    .map((file) => basename(file, extname(file)))
    .map((name) => (/^\d{1,15}$/.test(name) ? Number(name) : undefined));
  return files.map((file, i) => {
    const number = numbers[i];
    return number !== undefined && numbers.indexOf(number) === numbers.lastIndexOf(number) ? number : file;
  });
}

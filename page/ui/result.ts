// What came out of a training, in plain words: who was better, by how much, whether that is more than the choice of test images explains, and what is left of the network.
import type { ArmId } from '../protocol.ts';
import type { Run } from './run.ts';
import { ARMS, capital, counted, percent } from './words.ts';

/** Two-sided 95 % of the normal distribution. */
const Z = 1.96;

/** An arm as it ended. */
interface Ended {
  name: string;
  accuracy: number;
  /** Parts of the whole network; 1 without gates. */
  parameters: number;
  flops: number;
}

/** The arm that is spoken of is the first of these that there is. */
const SUBJECTS: ArmId[] = ['trained', 'random', 'magnitude', 'plain'];
const RIVALS: ArmId[] = ['plain', 'magnitude', 'random'];

/** What an arm has left by now, as parts of the whole; `final` once its gates are cut for good. */
export function leftOf(run: Run, arm: ArmId): { parameters: number; flops: number; final: boolean } {
  const gates = run.gates.get(arm);
  // In the search the astrocyte still learns: what a cut would leave is another network's.
  if (gates?.phase !== 'guide') return { parameters: 1, flops: 1, final: false };
  const { parameters, flops } = run.started;
  return { parameters: gates.parameters / parameters, flops: gates.flops / flops, final: gates.final };
}

function ended(run: Run, arm: ArmId): Ended | undefined {
  const accuracy = run.track(arm, 'guide').tested.at(-1)?.accuracy;
  return accuracy === undefined ? undefined : { name: ARMS[arm].inText, accuracy, ...leftOf(run, arm) };
}

/** Half the width of the 95 % interval of a difference of two accuracies, as if they were of different images: of the same ones it is no wider. */
export function noise(a: number, b: number, images: number): number {
  return Z * Math.sqrt((a * (1 - a) + b * (1 - b)) / images);
}

/** Sentences, the first the most important; none where no arm was evaluated. `drawn`: the images were drawn by the page. */
export function resultWords(run: Run, drawn: boolean): string[] {
  const arms = SUBJECTS.filter((arm) => run.started.arms.some(({ id }) => id === arm));
  const own = arms.find((arm) => ended(run, arm));
  if (!own) return [];
  const images = run.started.settings.testImages;
  const subject = ended(run, own)!;
  const words = [
    `${capital(subject.name)} is right about ${percent(subject.accuracy)} of ${counted(images, 'test image')}` +
      (subject.parameters < 1
        ? `, with ${percent(subject.parameters, 0)} of the network's parameters and ${percent(subject.flops, 0)} of its operations.`
        : '.'),
  ];
  const rivals = RIVALS.filter((arm) => arm !== own)
    .map((arm) => ended(run, arm))
    .filter((arm) => arm !== undefined);
  const apart = rivals.map((rival) => ({ rival, by: subject.accuracy - rival.accuracy }));
  const beyond = apart.filter(({ rival, by }) => Math.abs(by) > noise(subject.accuracy, rival.accuracy, images));
  const within = apart.filter((one) => !beyond.includes(one));
  for (const { rival, by } of beyond)
    words.push(`It is ${points(by)} ${by > 0 ? 'better' : 'worse'} than ${described(rival)}.`);
  if (within.length > 0) {
    const half = Math.max(...within.map(({ rival }) => noise(subject.accuracy, rival.accuracy, images)));
    words.push(
      `${within.map(({ rival, by }) => `${described(rival)} is ${by === 0 ? 'as good' : `${points(by)} ${by > 0 ? 'behind' : 'ahead'}`}`).join('; ')}: other test images could turn that round, which takes ${points(half)} here.`,
    );
  }
  if (drawn) words.push('The images are drawn shapes, and say nothing of photographs.');
  words.push('Another seed may give another order.');
  return words.map(capital);
}

const described = ({ name, accuracy, parameters }: Ended): string =>
  `${name} (${percent(accuracy)}, ${parameters < 1 ? percent(parameters, 0) : 'all'} of the parameters)`;

function points(share: number): string {
  const text = (100 * Math.abs(share)).toFixed(1);
  return `${text} ${text === '1.0' ? 'point' : 'points'}`;
}

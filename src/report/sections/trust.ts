// What the numbers of a run can say, and what they cannot: before a reader compares arms, how much of a difference is chance.
import { formatCount } from '../tables/format.ts';
import { halfWidth, leastDifference } from '../tables/noise.ts';
import { pairedShares } from '../tables/paired.ts';
import type { ArmResult, RunReport } from '../types.ts';

/** Below any of these a run shows that everything works, not what a method is worth. */
const SMALL = { trainImages: 10_000, testImages: 5_000, updates: 5_000 };

const points = (share: number): string => `${(share * 100).toFixed(1)} points`;

/** Paragraphs on the number of images, noise, and the size of the run. */
export function trustTexts({ arms, data, seed }: Pick<RunReport, 'arms' | 'data' | 'seed'>): string[] {
  const { trainImages, testImages } = data;
  const measured = arms.filter(({ accuracy }) => Number.isFinite(accuracy));
  const accuracies = measured.map(({ accuracy }) => accuracy);
  if (accuracies.length === 0 || testImages === 0) return [];
  const widest = Math.max(...accuracies.map((accuracy) => halfWidth(accuracy, testImages)));
  const texts = [
    `Each accuracy is a share of the same ${formatCount(testImages)} test images. By the choice of images alone it may be off by up to ±${points(widest)} (95 % interval).`,
  ];
  if (accuracies.length > 1) texts.push(differencesText(measured, testImages));
  texts.push(
    `This is one run with one seed (${seed}). Another seed starts from other weights and gives other accuracies, which no interval above covers: a difference counts when it holds over several seeds.`,
  );
  const updates = Math.max(...arms.map((arm) => arm.updates));
  const small: string[] = [];
  if (trainImages < SMALL.trainImages) small.push(`${formatCount(trainImages)} training images`);
  if (testImages < SMALL.testImages) small.push(`${formatCount(testImages)} test images`);
  if (updates < SMALL.updates) small.push(`${formatCount(updates)} updates`);
  if (small.length > 0)
    texts.push(
      `So small a run (${small.join(', ')}) judges nothing about the method. It shows that everything works here, and how the parts behave; networks this far from trained differ by luck.`,
    );
  return texts;
}

/** How well arms are told apart: by the images that one of two alone tells right, where it is known which these are. */
function differencesText(arms: readonly ArmResult[], images: number): string {
  const [worst, ...others] = arms.toSorted((a, b) => a.accuracy - b.accuracy);
  const best = others.at(-1)!;
  if (arms.some(({ answers }) => answers === undefined)) {
    const least = leastDifference(worst.accuracy, best.accuracy, images);
    return `Two arms that differ by less than about ${points(least)} are not told apart; here the best and the worst are ${points(best.accuracy - worst.accuracy)} apart.`;
  }
  const between = (a: ArmResult, b: ArmResult) => pairedShares(a.answers!, b.answers!, images);
  const halves = arms.flatMap((arm, i) => arms.slice(i + 1).map((other) => between(arm, other).half));
  const { difference, half } = between(best, worst);
  return `Two arms are compared by the images that one of both alone tells right: here their differences are known to ±${points(Math.max(...halves))} or closer (95 % interval), and the best and the worst are ${points(difference)} ± ${(half * 100).toFixed(1)} apart.`;
}

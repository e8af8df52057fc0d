// What the numbers of a run can say, and what they cannot: before a reader compares arms, how much of a difference is chance.
import { formatCount } from '../tables/format.ts';
import { halfWidth, leastDifference } from '../tables/noise.ts';
import type { RunReport } from '../types.ts';

/** Below any of these a run shows that everything works, not what a method is worth. */
const SMALL = { trainImages: 10_000, testImages: 5_000, updates: 5_000 };

const points = (share: number): string => `${(share * 100).toFixed(1)} points`;

/** Paragraphs on the number of images, noise, and the size of the run. */
export function trustTexts({ arms, data, seed }: Pick<RunReport, 'arms' | 'data' | 'seed'>): string[] {
  const { trainImages, testImages } = data;
  const accuracies = arms.map(({ accuracy }) => accuracy).filter(Number.isFinite);
  if (accuracies.length === 0 || testImages === 0) return [];
  const widest = Math.max(...accuracies.map((accuracy) => halfWidth(accuracy, testImages)));
  const texts = [
    `Each accuracy is a share of the same ${formatCount(testImages)} test images. By the choice of images alone it may be off by up to ±${points(widest)} (95 % interval).`,
  ];
  if (accuracies.length > 1) {
    const [low, high] = [Math.min(...accuracies), Math.max(...accuracies)];
    const least = leastDifference(low, high, testImages);
    texts.push(
      `Two arms that differ by less than about ${points(least)} are not told apart; here the best and the worst are ${points(high - low)} apart.`,
    );
  }
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

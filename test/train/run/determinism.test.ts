// The same seed gives the same bits, and a run that was cut anywhere and went on in new objects gives the bits of one that was not.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vit } from '../../../src/models/zoo/vit.ts';
import { readCheckpoint, saveCheckpoint } from '../../../src/train/run/checkpoint.ts';
import type { Stage } from '../../../src/train/stages/stage.ts';
import { restoreValues } from '../../../src/train/stages/stored-stage.ts';
import { gpu } from '../../support/gpu.ts';
import {
  checkpointParts,
  fingerprint,
  guideStage,
  type MadeStage,
  runSteps,
  SIDE,
  searchStage,
} from '../../support/training.ts';

const folder = mkdtempSync(join(tmpdir(), 'astrogpu-'));
afterAll(() => rmSync(folder, { recursive: true }));

const VIT = vit({ model: 'tiny', size: SIDE, patch: 8, width: 8, blocks: 2, heads: 2, classes: 10 });

type Make = (seed?: number) => MadeStage<Stage>;

/** Runs a fresh stage from its first step, or from a checkpoint, and gives the bits it ends with. */
async function end(make: Make, to: number, { seed = 1, from }: { seed?: number; from?: [string, number] } = {}) {
  const { stage, release } = make(seed);
  if (from) restoreValues(readCheckpoint(from[0], { seed }), checkpointParts(stage));
  await runSteps(stage, from?.[1] ?? 0, to);
  const bits = await fingerprint(stage);
  release();
  return bits;
}

/** Runs to step `at`, saves, and throws everything away. */
async function cut(make: Make, at: number): Promise<[string, number]> {
  const { stage, release } = make();
  await runSteps(stage, 0, at);
  const file = join(folder, `cut-${at}.safetensors`);
  await saveCheckpoint(file, checkpointParts(stage), { seed: 1 }, { step: at });
  release();
  return [file, at];
}

/** Where the adapter has it. */
const HALF = gpu.capabilities.f16 ? 'f16' : 'f32';

// Two epochs each. The guide has four steps an epoch, settles at step 6 and regulates at steps 0, 2 and 4; the search has two steps, or three.
const stages: [string, Make, steps: number, cuts: number[]][] = [
  ['plain guide', (seed) => guideStage({ seed }), 8, [3, 4]],
  ['guide under an astrocyte', (seed) => guideStage({ seed, regulated: true }), 8, [1, 5, 6, 7]],
  ['guide that keeps a fraction', (seed) => guideStage({ seed, regulated: true, keep: 0.7 }), 8, [5]],
  [
    'guide whose gates fall',
    (seed) => guideStage({ seed, regulated: true, keep: 0.4, fall: 0.25, ranking: 'strength' }),
    8,
    [3, 5],
  ],
  ['search by iteration', (seed) => searchStage({ seed }), 4, [1, 2]],
  [
    'search under the structure of the guide',
    (seed) => searchStage({ seed, searchStructure: true, keep: 0.5, fall: 0, settle: 0.5, gateValues: 'binary' }),
    4,
    [1, 2],
  ],
  ['search by epoch', (seed) => searchStage({ seed, alternate: 'epoch' }), 6, [2, 4]],
  ['guide in f16 under an astrocyte', (seed) => guideStage({ seed, regulated: true, precision: HALF }), 8, [3, 6]],
  [
    'guide in micro-batches, by AdamW with clipping',
    (seed) =>
      guideStage({
        seed,
        regulated: true,
        recipe: { microBatch: 4, optimizer: 'adamw', decay: 'matrices', clipNorm: 1 },
      }),
    8,
    [3],
  ],
  [
    'guide of a ViT by Lion with an average, stochastic depth and blocks that run twice',
    (seed) =>
      guideStage({
        ...{ seed, graph: VIT, regulated: true, trained: { dropPath: 0.3, recompute: true } },
        recipe: { optimizer: 'lion', lr: 1e-3, ema: 0.9 },
      }),
    8,
    [5],
  ],
  [
    'guide whose astrocyte sees averages of Taylor terms',
    (seed) => guideStage({ seed, regulated: true, input: 'taylor' }),
    8,
    [3],
  ],
  ['search in f16', (seed) => searchStage({ seed, precision: HALF }), 4, [1]],
  ['search, last iteration alone, path kept', (seed) => searchStage({ seed, updates: 'last', through: true }), 4, [3]],
];

describe.each(stages)('%s', (_, make, steps, cuts) => {
  let straight: Record<string, string>;
  beforeAll(async () => {
    straight = await end(make, steps);
  });

  it('two runs from one seed have the same bits, another seed has others', async () => {
    const [one, again, other] = [await end(make, 2), await end(make, 2), await end(make, 2, { seed: 2 })];
    expect(again).toEqual(one);
    expect(other.nn).not.toBe(one.nn);
    for (const name of Object.keys(one).filter((key) => /^optimizer\.(m|momentum)$/.test(key)))
      expect(other[name], name).not.toBe(one[name]);
    expect(straight.nn).not.toBe(one.nn);
  });

  it.each(cuts)('cut after step %i and resumed, it ends with the bits of a run that was not cut', async (at) => {
    expect(await end(make, steps, { from: await cut(make, at) })).toEqual(straight);
  });
});

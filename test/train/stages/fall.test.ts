// The part that stays falls over the guide (docs/method.md §6): what is kept at each step, that what was cut may return, and that the last cut is final.
import { describe, expect, it } from 'vitest';
import { checkCut, configure } from '../../../src/train/config.ts';
import { stayingAt } from '../../../src/train/stages/fall.ts';
import { guideStage, searchStage } from '../../support/training.ts';

it('the part falls as a cube from all to what is kept', () => {
  const fall = { from: 10, end: 30, share: 0.2 };
  expect([0, 10].map((i) => stayingAt(i, fall))).toEqual([1, 1]);
  expect(stayingAt(20, fall)).toBeCloseTo(0.2 + 0.8 / 8, 12);
  expect([30, 31].map((i) => stayingAt(i, fall))).toEqual([0.2, 0.2]);
});

describe('a guide of eight steps that regulates at every second one and settles at the seventh', () => {
  it('keeps the part that the schedule says, and the last one for good', async () => {
    const { stage, release } = guideStage({
      regulated: true,
      keep: 0.4,
      fall: 0.25,
      guideEvery: 1,
      gateValues: 'binary',
    });
    const gates = stage.regulator!;
    const kept: number[] = [];
    const masks: Float32Array[] = [];
    for (let i = 0; i < 8; i++) {
      await stage.step(i);
      const values = await gates.gate.floats();
      kept.push(values.filter((gate) => gate !== 0).length);
      masks.push(values);
    }
    const { total } = gates.layout;
    const parts = [1, 1, 1, 3 / 4, 2 / 4, 1 / 4, 0, 0].map((left) => 0.4 + 0.6 * left ** 3);
    expect(kept).toEqual(parts.map((part) => Math.round(part * total)));
    // P before the fall, 1 and 0 from its first cut on.
    expect(masks[1].some((gate) => gate !== 0 && gate !== 1)).toBe(true);
    for (const mask of masks.slice(2)) expect(mask.every((gate) => gate === 0 || gate === 1)).toBe(true);
    expect(masks[7]).toEqual(masks[6]);
    expect(gates.gatesFinal).toBe(true);
    const { gates: summary } = await stage.endEpoch(1);
    expect(summary!.sparsity).toBeCloseTo(0.6, 2);
    release();
  });

  it.each(['lion', 'sgd', 'adamw'] as const)('leaves what is cut where it is, under %s', async (optimizer) => {
    const { stage, release } = guideStage({
      regulated: true,
      keep: 0.3,
      fall: 0,
      guideEvery: 2,
      recipe: { optimizer, lr: 0.01, weightDecay: 0, warmup: 0 },
    });
    const { gate, layout } = stage.regulator!;
    const { values } = stage.network.arena;
    /** The weights of the gates that are 0. */
    const cut = async (): Promise<number[]> => {
      const gates = await gate.floats();
      return layout.entries.flatMap(({ layer: { weight }, at, inputs, outputs }) => {
        const begin = (weight.tensor.slice.offset - values.slice.offset) / 4;
        return Array.from({ length: weight.tensor.size }, (_, w) => w)
          .filter((w) => gates[at + (w % outputs) * inputs + (Math.floor(w / outputs) % inputs)] === 0)
          .map((w) => begin + w);
      });
    };
    let most = 0;
    for (let i = 0; i < 8; i++) {
      const before = await values.floats();
      await stage.step(i);
      const after = await values.floats();
      const gone = await cut();
      for (const w of gone) expect(after[w], `weight ${w} in step ${i}`).toBe(before[w]);
      most = Math.max(most, gone.length);
    }
    expect(most).toBeGreaterThan(100);
    release();
  });

  it('cuts at the end where nothing settles', async () => {
    const { stage, release } = guideStage({ regulated: true, keep: 0.5, fall: 0, settle: 0 });
    for (let i = 0; i < 8; i++) await stage.step(i);
    await stage.endEpoch(1);
    const values = await stage.regulator!.gate.floats();
    expect(values.filter((gate) => gate !== 0)).toHaveLength(Math.round(values.length / 2));
    release();
  });
});

describe('a search of two epochs of two steps under the structure of the guide', () => {
  it('learns under fewer gates, and keeps an astrocyte of the final number', async () => {
    const { stage, release } = searchStage({ searchStructure: true, keep: 0.4, fall: 0.25, settle: 0.25 });
    const { gate } = stage.regulator;
    const zeros = async (): Promise<number> => (await gate.floats()).filter((value) => value === 0).length / gate.size;
    const best = async (): Promise<number> => stage.tensors().get('best.accuracy')!.item();
    await stage.step(0);
    await stage.step(1);
    const first = await stage.endEpoch(0);
    // At step 1 nothing has fallen yet.
    expect(await zeros()).toBe(0);
    expect(first.gates!.sparsity).toBe(0);
    expect(await best()).toBe(-1);
    const before = [...(await stage.regulator.astrocyte.arena.values.floats())];
    await stage.step(2);
    await stage.step(3);
    expect([...(await stage.regulator.astrocyte.arena.values.floats())]).not.toEqual(before);
    const { accuracy, gates } = await stage.endEpoch(1);
    expect(await zeros()).toBeCloseTo(0.6, 2);
    expect(gates!.sparsity).toBeCloseTo(0.6, 2);
    expect(await best()).toBeCloseTo(accuracy!, 6);
    release();
  });
});

describe('options that do not go together', () => {
  const check = (given: Parameters<typeof configure>[0]) => (): void =>
    checkCut(configure({ recipe: 'paper', ...given }, { software: true, available: { train: 100, test: 100 } }));

  it.each([
    [
      { fall: 0.1 },
      'fall 0.1: what stays falls to a part of the gates, and none was given; say how much stays by keep 0.5',
    ],
    [{ ranking: 'layer' }, 'ranking layer: it ranks gates for a part of them'],
    [{ arms: ['plain', 'magnitude'] }, 'arms plain,magnitude: the arm magnitude keeps a part of the gates'],
    [{ keep: 0.5, threshold: 0.5 }, 'threshold 0.5 and keep 0.5 both say how much stays: take one'],
    [{ keep: 0.5, fall: 0.7 }, 'fall 0.7: with settle 0.3 the gates are final from 0.7 of the guide on'],
  ] as const)('%j is refused', (given, message) => {
    expect(check(given as Parameters<typeof configure>[0])).toThrow(message);
  });

  it('those that do are taken', () => {
    check({ keep: 0.5, fall: 0.1, ranking: 'strength', gateValues: 'binary', arms: ['magnitude'] })();
    check({ threshold: 0.4, gateValues: 'binary' })();
  });
});

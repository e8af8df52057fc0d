// What a run refuses to go on from, and why: one line each, naming the file and what is wrong with it.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Astrocyte } from '../../../src/astro/astrocyte.ts';
import { GateLayout } from '../../../src/astro/gate-layout.ts';
import {
  CheckpointError,
  readSafetensors,
  type SafetensorsFile,
  writeSafetensors,
} from '../../../src/io/safetensors.ts';
import { createModel } from '../../../src/models/zoo/registry.ts';
import { stateDict } from '../../../src/nn/state-dict.ts';
import { checkJob } from '../../../src/train/run/check-job.ts';
import { readCheckpoint, saveCheckpoint } from '../../../src/train/run/checkpoint.ts';
import { newestCheckpoints } from '../../../src/train/run/run-folder.ts';
import { restoreValues } from '../../../src/train/stages/stored-stage.ts';
import { gpu } from '../../support/gpu.ts';
import { config, job, newFolder, plainConfig, removeFolders } from '../../support/jobs.ts';
import { checkpointParts, guideStage } from '../../support/training.ts';

afterAll(removeFolders);

describe('a checkpoint', () => {
  const of = plainConfig();
  let good: string;
  beforeAll(async () => {
    const folder = newFolder();
    const stop = { aborted: true } as AbortSignal;
    await job(folder, of, { signal: stop })
      .job.run()
      .catch(() => {});
    good = newestCheckpoints(folder)[0];
  });

  /** Resumes in a folder whose only checkpoint is `good` with a change, and gives the error. */
  async function refusal(change: (file: string) => void, under = of): Promise<Error & { file?: string }> {
    const folder = newFolder();
    const file = join(folder, 'checkpoint-000000001.safetensors');
    copyFileSync(good, file);
    change(file);
    const error = await job(folder, under)
      .job.run({ resume: true })
      .then(
        () => new Error('it was not refused'),
        (error) => error,
      );
    expect(error).toBeInstanceOf(CheckpointError);
    expect(error.file).toBe(file);
    expect(error.message).not.toContain('\n');
    return error;
  }

  /** Writes it anew, with a digest that fits. */
  const rewrite = (file: string, change: (content: SafetensorsFile) => void): void => {
    const content = readSafetensors(file);
    change(content);
    writeSafetensors(file, content.tensors, content.metadata);
  };

  it('as it was saved is taken', async () => {
    const folder = newFolder();
    copyFileSync(good, join(folder, 'checkpoint-000000001.safetensors'));
    const { arms } = await job(folder, of).job.run({ resume: true });
    expect(arms).toHaveLength(1);
  });

  it('with one flipped bit is refused as damaged', async () => {
    for (const part of [0.02, 0.5, 0.999]) {
      const error = await refusal((file) => {
        const bytes = readFileSync(file);
        bytes[Math.floor(bytes.length * part)] ^= 4;
        writeFileSync(file, bytes);
      });
      expect(error.message).toMatch(/damaged|dtype|shape|offsets|sha256/);
    }
  });

  it('cut short is refused', async () => {
    const error = await refusal((file) => writeFileSync(file, readFileSync(file).subarray(0, -100)));
    expect(error.message).toMatch(/damaged|truncated/);
  });

  it("of another program is refused as that program's", async () => {
    const tensors = new Map([['weight', { dtype: 'F32' as const, shape: [1], data: new Float32Array(1) }]]);
    const error = await refusal((file) => writeSafetensors(file, tensors, { format: 'pt' }));
    expect(error.message).toContain('it is not a checkpoint of astrogpu (its format is "pt")');
  });

  it('of another configuration is refused', async () => {
    const error = await refusal(() => {}, plainConfig({ seed: 2 }));
    expect(error.message).toContain('it belongs to a run with another configuration');
  });

  it('of the same configuration in another order is the run’s own', async () => {
    const file = join(newFolder(), 'checkpoint-000000001.safetensors');
    await saveCheckpoint(file, { modules: new Map(), tensors: new Map() }, { seed: 1, lr: [0.1, 0.2] }, { step: 3 });
    expect(readCheckpoint(file, { lr: [0.1, 0.2], seed: 1 }).progress).toEqual({ step: 3 });
    expect(() => readCheckpoint(file, { lr: [0.2, 0.1], seed: 1 })).toThrow('another configuration');
  });

  it('without one of the network’s tensors is refused by its name', async () => {
    const error = await refusal((file) => rewrite(file, ({ tensors }) => tensors.delete('nn.layer2.0.conv1.weight')));
    expect(error.message).toContain('layer2.0.conv1.weight is missing');
  });

  it('without a tensor of the optimizer is refused by its name', async () => {
    const error = await refusal((file) => rewrite(file, ({ tensors }) => tensors.delete('optimizer.momentum')));
    expect(error.message).toContain('tensor optimizer.momentum is missing');
  });

  it('with a tensor of another shape is refused with both shapes', async () => {
    const change = (name: string) =>
      refusal((file) =>
        rewrite(file, ({ tensors }) => tensors.set(name, { dtype: 'F32', shape: [3], data: new Float32Array(3) })),
      );
    expect((await change('nn.fc.bias')).message).toContain('fc.bias is 3, the network has 10');
    expect((await change('optimizer.momentum')).message).toMatch(/optimizer\.momentum is 3, this run has \d{5}/);
  });

  it('keeps names, shapes and progress', () => {
    const { tensors, progress } = readCheckpoint(good, of);
    expect(tensors.get('nn.layer3.0.downsample.0.weight')?.shape).toEqual([64, 32, 1, 1]);
    expect(progress).toMatchObject({ stage: 0, step: 1, steps: 1, arms: [] });
    const { stage, release } = guideStage();
    expect(() => restoreValues({ file: good, tensors }, checkpointParts(stage))).toThrow(CheckpointError);
    release();
  });
});

describe('a job is checked before it begins', () => {
  const check = (of = config(), astrocyte?: string) =>
    checkJob({ gpu, config: astrocyte === undefined ? of : { ...of, astrocyte } });
  const before = () => gpu.memory.stats().current;

  it('and passes', () => {
    const held = before();
    expect(() => check()).not.toThrow();
    expect(before()).toBe(held);
  });

  it('a trained arm needs a search or a file', () => {
    expect(() => check(config({ phase: ['guide'] }))).toThrow(
      'the trained arm needs an astrocyte: add the search phase',
    );
    expect(() => check(config({ phase: ['guide'], arms: ['plain', 'random'] }))).not.toThrow();
  });

  it('a network in f16 needs an adapter that has it', () => {
    const without = Object.create(gpu, { capabilities: { value: { ...gpu.capabilities, f16: false } } });
    expect(() => checkJob({ gpu: without, config: config({ precision: 'f16' }) })).toThrow(
      'precision f16: this adapter has no f16 (feature shader-f16); take precision f32',
    );
    expect(() => checkJob({ gpu: without, config: config() })).not.toThrow();
  });

  it('layers left ungated must be there', () => {
    expect(() => check(config({ noGate: ['conv9'] }))).toThrow('there is no layer "conv9"');
  });

  it('both parts of the search’s split hold images', () => {
    expect(() => check(config({ heldOut: 0 }))).toThrow(
      'heldOut 0: of 16 images that leaves none for the astrocyte: hold out more',
    );
    expect(() => check(config({ heldOut: 1 }))).toThrow('leaves none for the network');
  });

  it('an astrocyte that is made for its maps is held against the classes of the data', async () => {
    const of = config({ an: 'cnn', gate: 'connection' });
    const network = createModel(of.model, { classes: 3 });
    const { maps } = new GateLayout(network, of.gate, of.noGate);
    const astrocyte = new Astrocyte({ network: 'cnn', maps }).to(gpu, 1);
    const file = join(newFolder(), 'cnn.safetensors');
    const tensors = [...(await stateDict(astrocyte))].map(
      ([name, { shape, data }]) => [name, { dtype: 'F32', shape, data }] as const,
    );
    writeSafetensors(file, new Map(tensors));
    astrocyte.release();
    expect(() => checkJob({ gpu, config: { ...of, astrocyte: file }, classes: 3 })).not.toThrow();
    expect(() => checkJob({ gpu, config: { ...of, astrocyte: file } })).toThrow('the state dict is of another network');
  });

  it('the astrocyte’s file must be one', () => {
    const held = before();
    const missing = join(newFolder(), 'none.safetensors');
    expect(() => check(config(), missing)).toThrow(`Checkpoint ${missing}: there is no such file`);
    const other = join(newFolder(), 'other.safetensors');
    writeSafetensors(other, new Map([['fc.weight', { dtype: 'F32', shape: [1], data: new Float32Array(1) }]]));
    expect(() => check(config(), other)).toThrow(`Checkpoint ${other}: the state dict is of another network`);
    expect(before()).toBe(held);
  });
});

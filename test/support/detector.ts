// Small detectors for tests, and the golden's.
import type { BoxInstOptions } from '../../src/detect/model/config.ts';
import { type ResNetConfig, resnet } from '../../src/models/zoo/resnet.ts';
import type { Module } from '../../src/nn/module.ts';
import { loadStateDict, stateDict } from '../../src/nn/state-dict.ts';
import { formulaParameter, formulaUniform } from '../golden/formula.ts';
import type { DetectorConfig } from '../golden/golden.ts';

/** A ResNet of one narrow basic block a stage, with ImageNet's stem. */
export const smallBackbone = (options: Partial<ResNetConfig> = {}) =>
  resnet({ model: 'small', blocks: [1, 1, 1, 1], widths: [8, 12, 16, 20], classes: 3, stem: 'imagenet', ...options });

/** The options of a detector as a golden has them. */
export const goldenOptions = (config: DetectorConfig): BoxInstOptions => ({
  backbone: resnet({ ...config, model: 'golden', classes: 1, stem: 'imagenet' }),
  classes: config.classes,
  channels: config.channels,
  towers: config.towers,
  maskChannels: config.mask_channels,
  maskTowers: config.mask_towers,
  maskFeatures: config.mask_features,
});

/** The golden's value of a parameter or running statistic. */
function formulaValue(name: string, shape: readonly number[]): Float32Array {
  if (name.endsWith('.running_mean')) return formulaUniform(name, shape, 0.1);
  if (/\.(running_var|scale)$/.test(name)) return formulaUniform(name, shape, 0.1, 1);
  return formulaParameter(name, shape);
}

/** Fills a detector as test/golden/detector.py does. */
export async function fillDetector(detector: Module): Promise<void> {
  const dict = await stateDict(detector);
  for (const [name, state] of dict) state.data = formulaValue(name, state.shape);
  loadStateDict(detector, dict);
}

/** What AdelaiDet calls a detector's parameter or running statistic. */
export const adelaidetName = (name: string): string =>
  name.replace(/^fcos_head\./, 'proposal_generator.fcos_head.').replace(
    /^(backbone\.bottom_up\.)(.*)/,
    (_, before, own) =>
      `${before}${own
        .replace(/^conv1\./, 'stem.conv1.')
        .replace(/^bn1\./, 'stem.conv1.norm.')
        .replace(/^layer(\d)\./, (_: string, stage: string) => `res${Number(stage) + 1}.`)
        .replace(/\.bn(\d)\./, '.conv$1.norm.')
        .replace('.downsample.0.', '.shortcut.')
        .replace('.downsample.1.', '.shortcut.norm.')}`,
  );

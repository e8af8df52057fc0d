// Everything that decides what a run computes. A run folder keeps it, and a checkpoint is only resumed under the configuration it was made with.
import type { Activation, AstrocyteName, Feature, InputKind } from '../astro/index.ts';
import type { Precision } from '../nn/index.ts';
import type { GateKind } from '../prune/index.ts';
import type { NnRecipe } from './stages/guide.ts';

/** The controls of docs/method.md §8: (a), (b), (c) and (d), the plain network made uniformly thinner. */
export type ArmName = 'plain' | 'random' | 'trained' | 'thin';

export interface JobConfig {
  model: string;
  /** Of every layer, in parts of the model's own channels. */
  width: number;
  /** Of the task network; the astrocyte computes in f32 always. */
  precision: Precision;
  seed: number;
  /** Training and test images taken from the set. */
  images: number;
  testImages: number;
  phases: ('search' | 'guide')[];
  arms: ArmName[];
  recipe: NnRecipe;
  search: {
    epochs: number;
    /** Part of the training images that the AN learns on. */
    heldOut: number;
    anRate: number;
    lambda: number;
    /** Weight of the mean of P in the AN's loss; 0 in the paper. */
    budget: number;
    alternate: 'iteration' | 'epoch';
    updates: 'each' | 'last';
  };
  guide: {
    epochs: number;
    guideEvery: number;
    settle: number;
    threshold?: number;
    keep?: number;
  };
  gate: {
    network: AstrocyteName;
    kind: GateKind;
    except: string[];
    feature: Feature;
    absolute: boolean;
    see: InputKind;
    activation: Activation;
    shift: number;
    skip: number;
    T: number;
    mode: 'replace' | 'compound';
    norm: 'mean' | 'sum';
    through: boolean;
  };
}

/** Where a gate is cut if nothing was said: at an even chance for each iteration that multiplies it (docs/method.md §11). */
export const cutThreshold = ({ gate: { mode, T }, guide: { threshold } }: JobConfig): number =>
  threshold ?? (mode === 'compound' ? 0.5 ** T : 0.5);

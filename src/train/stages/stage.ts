// A stage is a stretch of training that can be stopped anywhere and resumed to the same bits: a step function, and the tensors it lives from.
import type { NetworkGates } from '../../astro/index.ts';
import type { ImageBatchSource } from '../../data/index.ts';
import type { Network } from '../../models/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import type { Cut, GateSummary } from './gate-summary.ts';
import type { MetricsSnapshot } from './running-metrics.ts';

/** What is known of a stage at the end of an epoch; accuracies are fractions. */
export interface EpochResult {
  /** On data not trained on: the search's held-out part, the guide's test set. Absent after an epoch that is not evaluated. */
  accuracy?: number;
  /** Mean loss on the same images. */
  loss?: number;
  /** How many images of that data cannot be decoded: neither number counts them. Absent where there are none. */
  leftOut?: number;
  /** In the guide, where images are set apart to choose an epoch by: accuracy on these. */
  validation?: number;
  /** How many of these cannot be decoded: it does not count them. Absent where there are none. */
  validationLeftOut?: number;
  /** e¹..eᵀ at the end of the epoch. */
  e?: number[];
  /** The gates at the end of the epoch. */
  gates?: GateSummary;
}

/** Sums over the running epoch, of the task network and, where it learns too, of the astrocyte. */
export interface StageSnapshot {
  nn: MetricsSnapshot;
  an?: MetricsSnapshot;
}

/** One arm in one phase of a job: its network, its steps, and what is told of an epoch. */
export interface Stage {
  /** Row of the table that it belongs to. */
  readonly arm: string;
  /** Which of the two phases it is. */
  readonly phase: 'search' | 'guide';
  /** Epochs that it is to have in all. */
  readonly epochs: number;
  /** Epochs that were done before this stage took the network up, where it goes on with one that was finished. */
  readonly from?: number;
  /** Steps in an epoch. */
  readonly stepsPerEpoch: number;
  /** Images that one step works through. */
  readonly imagesPerStep: number;
  /** NN updates in one step. */
  readonly updatesPerStep: number;
  /** The network that it trains. */
  readonly network: Network;
  /** The gates that the network runs under, where it has any. */
  readonly regulator?: NetworkGates;
  /** How they are cut in the end. */
  readonly cut?: Cut;
  /** Where its images come from a disk: who waited for whom, and what was left out. */
  readonly loading?: Pick<ImageBatchSource, 'waits' | 'odd'>;
  /** Runs step `i`, counted from 0 over all epochs. */
  step(i: number): Promise<void> | void;
  /** After the last step of an epoch, counted from 0. The sums start anew. */
  endEpoch(epoch: number): Promise<EpochResult>;
  /** Runs `fn` on the network that the stage is to leave, where that is not the one that it trains: with the average of its weights. */
  averaged?<T>(fn: () => Promise<T>): Promise<T>;
  /** Makes the network's values, which somebody has set, what an average of them begins with. */
  begin?(): void;
  /** What its sums say now, since the epoch began; waits for the GPU. */
  read(): Promise<StageSnapshot>;
  /** Learning rates by name, as the last update of the first `steps` steps had them. */
  rates(steps: number): { lr: number; anLr?: number };
  /** Names the first tensor that is not finite in the step that a reading found bad, which must be of the last epoch begun. */
  diagnose(reading: StageSnapshot): Promise<string | undefined>;
  /** Everything a resumed stage needs, by name. */
  tensors(): Map<string, Tensor>;
  /** Gives back what it trains with: programs, batches, the state of optimizers. Network, gates and images stay. */
  release(): void;
}

/** Names with a prefix each, in one map. */
export function prefixed(groups: Record<string, ReadonlyMap<string, Tensor> | undefined>): Map<string, Tensor> {
  const all = new Map<string, Tensor>();
  for (const [prefix, tensors] of Object.entries(groups))
    for (const [name, tensor] of tensors ?? []) all.set(`${prefix}.${name}`, tensor);
  return all;
}

/** Runs `fn` on the network that a stage leaves. */
export const onResult = <T>(stage: Stage, fn: () => Promise<T>): Promise<T> => stage.averaged?.(fn) ?? fn();

/** What a checkpoint has to hold of a module that draws random numbers. */
export const drawsOf = ({ draws }: Pick<Network, 'draws'>): ReadonlyMap<string, Tensor> | undefined =>
  draws && new Map([['draws', draws]]);

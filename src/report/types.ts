// What a run hands to its report: results per arm, rows of metrics, regulation errors and gate maps, all plain data without a GPU behind it.
import type { Spread } from './tables/statistics.ts';

/** The outcome of one arm of a comparison. */
export interface ArmResult {
  /** Name as shown: `plain NN`, `trained AN`. */
  arm: string;
  /** What it is in a comparison, by the name that the option `arms` has for it. */
  role?: 'plain' | 'random' | 'trained' | 'paper' | 'magnitude' | 'narrow';
  /** What has a gate, by the name that the option `gate` has for it; none of an arm without gates. */
  gate?: 'connection' | 'filter' | 'channel';
  /** Test accuracy, a fraction in 0..1. */
  accuracy: number;
  parametersTotal: number;
  /** Weights whose gate survived, plus everything ungated. */
  parametersKept: number;
  /** Parameters left after physically removing dead channels. */
  parametersStructural: number;
  /** NN updates done. */
  updates: number;
  /** Wall-clock time. */
  seconds: number;
  note?: string;
  /** Which test images it tells right, as packAnswers() writes it. */
  answers?: string;
  /** What compaction made of it, for an arm with gates. */
  compact?: CompactResult;
}

/** A network's cost for an image. */
export interface ImageCost {
  parameters: number;
  flops: number;
  /** The median. */
  milliseconds: number;
  /** The interval that it lies in. */
  low?: number;
  high?: number;
}

/** The whole network under its gates, and the smaller one that does the same; or why there is none. */
export type CompactResult =
  | {
      accuracy: number;
      before: ImageCost;
      after: ImageCost;
      /** The smaller network's time in parts of the whole one's, measured in turns. */
      time?: Spread;
      /** The same by processor time: of a software adapter, whose work that is. */
      processorTime?: Spread;
    }
  | { failure: string };

/**
 * One line of metrics.jsonl: of some steps, or of an epoch, over which losses and accuracies are means. Accuracies are fractions in 0..1; further numbers may
 * be added under any name.
 */
export interface MetricRow {
  /** What the line is of: the steps since the one before, or a whole epoch. Lines without it are of epochs. */
  level?: 'step' | 'epoch';
  arm: string;
  phase: string;
  /** Epochs done in this arm's phase; between two of them with a fraction. */
  epoch: number;
  /** NN updates since the start of this arm's phase. */
  step: number;
  /** Training loss of the NN. */
  loss?: number;
  /** Loss of the AN, penalty included. */
  anLoss?: number;
  /** Accuracy on the mini-batches trained on. */
  trainAccuracy?: number;
  /** Accuracy on data not trained on: held-out in the search, test in the guide. Of epochs. */
  accuracy?: number;
  /** Loss on the same data. Of epochs. */
  evalLoss?: number;
  /** Images of that data that cannot be decoded: neither number counts them. Of epochs. */
  leftOut?: number;
  /** Learning rates of NN and AN at the last update. */
  lr?: number;
  anLr?: number;
  /** Training images worked through in a second, without evaluation and saving. */
  imagesPerSecond?: number;
  /** Seconds spent in this arm's phase, those before a resumption among them. */
  seconds?: number;
  /** When it was written, in ISO 8601. */
  time?: string;
  /** Mean of the gates, and the share of them that is cut, or would be if they were cut now. Of epochs. */
  gateMean?: number;
  sparsity?: number;
  [name: string]: string | number | undefined;
}

/** A count of values in bins of one width. */
export interface Histogram {
  min: number;
  max: number;
  /** How many values there are. */
  count: number;
  sum: number;
  sumSquares: number;
  /** Upper ends of the bins, rising. The first begins at 0, or at the least value where that is negative. */
  limits: number[];
  /** Values in each bin: above the limit before it, up to its own. Those at the lower end are in the first. */
  counts: number[];
}

/** e¹..eᵀ of one arm at one moment of the run. */
export interface RegulationErrors {
  arm: string;
  e: number[];
  /** What tells this line from the arm's others: `epoch 3`, `after the search`. */
  label: string;
}

/** P of one layer, row-major, values in 0..1. */
export interface GateMap {
  layer: string;
  height: number;
  width: number;
  values: Float32Array;
  /** What rows and columns stand for, such as `output channel` and `input channel`; without it the axes stay unnamed. */
  axes?: { rows: string; columns: string };
}

/** Settings under one heading, as text. */
export interface SettingGroup {
  title: string;
  settings: readonly { name: string; value: string }[];
}

/** Everything a report shows. */
export interface RunReport {
  title: string;
  /** The command as it was typed. */
  command: string;
  /** The same run with every option spelled out, whatever defaults a later version has. */
  fullCommand?: string;
  date: string;
  seed: number;
  adapter: { description: string; software: boolean };
  /** `standIn` marks generated data that takes the place of CIFAR-10. */
  data: {
    name: string;
    standIn: boolean;
    trainImages: number;
    testImages: number;
    /** Where they lay, or what they were drawn by. */
    source?: string;
  };
  /** What it ran on, by name: package, Node, driver. */
  versions?: readonly { name: string; value: string }[];
  /** The configuration, by the names of its options. */
  config: readonly SettingGroup[];
  arms: ArmResult[];
  series: MetricRow[];
  regulation: RegulationErrors[];
  gateMaps: GateMap[];
  /** The final gates of each arm that has any. */
  histograms?: readonly { arm: string; histogram: Histogram }[];
  /** Some test images, with what each arm takes them for. */
  examples?: readonly Example[];
  notes: string[];
}

/** A test image, with what each arm takes it for. */
export interface Example {
  /** RGB bytes, height × width × 3. */
  pixels: Uint8Array;
  height: number;
  width: number;
  /** Name of its class. */
  label: string;
  predictions: readonly { arm: string; label: string; probability: number }[];
}

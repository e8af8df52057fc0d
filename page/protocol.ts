// What the page and its worker say to each other: calls, each with one answer, and events, which come by themselves. Types alone, so that both sides, and a test in Node in place of the page, are held to the same words.
// Everything here can be structured-cloned; large arrays are transferred and belong to whoever got them.

/** An arm of the comparison. `loaded` is a network that was loaded from a file; it is looked at and not trained. */
export type ArmId = 'plain' | 'random' | 'trained' | 'magnitude' | 'loaded';

/** What is trained: the astrocyte, beside a network; then the arms, in turns of a few steps. */
export type Phase = 'search' | 'guide';

/** By the names of the options of `astrogpu train`, and with the same meaning. What is left out is the recipe's choice. */
export interface Settings {
  recipe: 'paper' | 'astrogpu';
  arms: Exclude<ArmId, 'loaded'>[];
  model: string;
  /** Channels of every layer, in parts of the model's own, above 0 to 1. */
  width: number;
  /** Structure of the astrocyte. */
  an: string;
  gate: 'connection' | 'filter' | 'channel';
  /** Iterations of the regulation, 1 to 10. */
  T: number;
  /** Weight of |eᵗ − eᵗ⁻¹| in the astrocyte's loss. */
  lambda: number;
  /** Part of all gates that stays, in (0, 1]; without it a threshold decides, or the recipe. */
  keep?: number;
  /** Epochs of the search, and of the guide of each arm. */
  searchEpochs: number;
  epochs: number;
  batch: number;
  /** Peak learning rate of the task network. */
  lr: number;
  /** Training and test images to use; no more than there are. */
  images: number;
  testImages: number;
  /** Training images as they are: neither flipped nor moved. */
  noAugment: boolean;
  seed: number;
}

/** Where images come from. A folder's files come with their paths, CLASS/FILE or train/CLASS/FILE and val/CLASS/FILE, with any folders before them. */
export type DataSource =
  | { kind: 'drawn'; train?: number; test?: number; seed?: number }
  | { kind: 'cifar10'; files: File[] }
  | { kind: 'folder'; files: { path: string; file: File }[]; size?: number };

/** Pixels of small pictures one after another: count × height × width × 4 bytes, R, G, B, 255, as ImageData takes them. */
export interface Pictures {
  count: number;
  height: number;
  width: number;
  pixels: Uint8ClampedArray;
}

/** The images as they were taken in. */
export interface DataSummary {
  /** One line: what it is, and where from. */
  name: string;
  classes: string[];
  train: number;
  test: number;
  height: number;
  width: number;
  /** Files that are left out, a line each with the reason. */
  leftOut: string[];
  /** A few training images, and their labels. */
  samples: Pictures;
  labels: number[];
}

/** The machine, and what can be chosen on it. */
export interface Opened {
  /** None where there is no WebGPU, or no adapter. `software`: there is no GPU behind it, so it is slow. */
  adapter?: { description: string; implementation: string; software: boolean; f16: boolean; timestamps: boolean };
  /** What to do where there is no adapter or only a software one, a sentence or two; else none. */
  advice?: string;
  /** Names for the settings, in the order to offer them. */
  choices: { models: string[]; astrocytes: string[]; gates: Settings['gate'][]; arms: Settings['arms'] };
  /** Settings to begin with, for each recipe. */
  defaults: Record<Settings['recipe'], Settings>;
}

/** A training that has begun. */
export interface Started {
  /** In the order of the table, with the names to show. */
  arms: { id: ArmId; name: string; gated: boolean }[];
  /** Steps of the search (0 without one), and of each arm's guide. */
  searchSteps: number;
  guideSteps: number;
  searchStepsPerEpoch: number;
  guideStepsPerEpoch: number;
  parameters: number;
  /** Of one image, two for each multiplication and addition. */
  flops: number;
  /** As they were settled: no more images than there are. */
  settings: Settings;
}

/** Where the worker stands. `lost` until the device is back; then what it was before. */
export type State = 'idle' | 'training' | 'paused' | 'done' | 'lost';

/** Grad-CAM of one test image. */
export interface Explained {
  /** Place among the test images. */
  image: number;
  label: number;
  predicted: number;
  /** Of `predicted`, 0 to 1. */
  probability: number;
  /** The class that was explained. */
  explained: number;
}

/** Test images with the maps of one arm. */
export interface Explanations {
  arm: ArmId;
  layer: string;
  /** In the order of the pictures. */
  images: Explained[];
  pictures: Pictures;
  /** Where it looked: count × height × width, 0 to 255, each map by its own maximum. */
  heat: Uint8Array;
}

/** A kernel's row of the profile of some training steps. Times in milliseconds for one step. */
export interface KernelRow {
  kernel: string;
  detail: string;
  calls: number;
  ms: number;
  /** Of all kernel time, 0 to 1. */
  share: number;
  /** None where the kernel gives no cost. */
  gflops?: number;
  gbs?: number;
}

export interface KernelTable {
  arm: ArmId;
  steps: number;
  /** Of one step: all kernels, and until the host knew that it was done. */
  kernels: number;
  wall: number;
  rows: KernelRow[];
}

/** A file to save. */
export interface SavedFile {
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/** A network that was loaded. */
export interface LoadedNetwork {
  model: string;
  classes: string[];
  parameters: number;
  /** On the test images, 0 to 1; none where their classes or sizes are others. */
  accuracy?: number;
}

/** Each call with what it takes and what it answers. A call that fails is answered by its reason, one line. */
export interface Calls {
  /** First of all; again after the user did what was advised. */
  open: [Record<never, never>, Opened];
  /** Takes images in; ends a training that goes on. */
  data: [DataSource, DataSummary];
  /** Begins a training; ends one that goes on. */
  start: [Settings, Started];
  /** Answered when the step that runs is done. */
  pause: [Record<never, never>, undefined];
  resume: [Record<never, never>, undefined];
  /** Ends the training, and forgets its networks; the images stay. */
  reset: [Record<never, never>, undefined];
  /** Of test images, at most 64: those listed. `class` for all of them; without one, what the arm takes each for. */
  explain: [{ arm: ArmId; images: number[]; class?: number }, Explanations];
  /** Logits of test images, count × classes. */
  predict: [{ arm: ArmId; images: number[] }, { logits: Float32Array; classes: string[] }];
  /** Times a few extra steps of a guide that runs or is done, which leave no trace in it. Needs `timestamps`. */
  profile: [{ arm: ArmId }, KernelTable];
  /** The network as it is, gates folded into its weights. */
  save: [{ arm: ArmId; format: 'safetensors' | 'onnx' }, SavedFile];
  /** A network that `save` or `astrogpu train` wrote as safetensors, which becomes the arm `loaded`. */
  load: [{ name: string; bytes: ArrayBuffer }, LoadedNetwork];
  /** For tests: destroys the device, as if it were lost. */
  loseDevice: [Record<never, never>, undefined];
}

export type CallName = keyof Calls;

/** A few times a second while it trains. */
export interface ProgressEvent {
  type: 'progress';
  arm: ArmId;
  phase: Phase;
  /** Steps done of this phase. */
  step: number;
  /** Epochs done, with fraction. */
  epoch: number;
  /** Means over the steps since the last such event of the arm and phase; accuracy on training images as they came to it. */
  loss: number;
  trainAccuracy: number;
  /** Of the astrocyte, in the search. */
  anLoss?: number;
  imagesPerSecond: number;
  /** Of the whole training, 0 to 1. */
  done: number;
}

/** At the end of an epoch: on the test images, in the search on the held-out ones. */
export interface EpochEvent {
  type: 'epoch';
  arm: ArmId;
  phase: Phase;
  step: number;
  epoch: number;
  /** None after an epoch that is not evaluated. */
  accuracy?: number;
  loss?: number;
}

/** Of an arm with gates, about once a second, and at the end of an epoch. */
export interface GatesEvent {
  type: 'gates';
  arm: ArmId;
  phase: Phase;
  step: number;
  /** |eᵗ − eᵗ⁻¹| for t = 1..T, with e⁰ = 0; empty where no astrocyte refines anything. */
  differences: number[];
  /** Are the gates cut for good? */
  final: boolean;
  /** Of P over all gates. */
  mean: number;
  /** What is left of the network: parameters by surviving gates, FLOPs of an image without the connections that are cut. Before the cut, what a cut now would leave. */
  parameters: number;
  flops: number;
  /** P of each layer, 0 to 255 for 0 to 1: rows are outputs and columns inputs, or one row of filters. Larger maps are averaged down to 64 × 64 cells. */
  layers: { name: string; rows: number; columns: number; height: number; width: number; values: Uint8Array }[];
}

export interface StateEvent {
  type: 'state';
  state: State;
}

/** What nobody asked for: of the training that ended by it, or a device that came back, with what became of the training. */
export interface NoteEvent {
  type: 'note';
  level: 'info' | 'error';
  message: string;
}

export type TrainerEvent = ProgressEvent | EpochEvent | GatesEvent | StateEvent | NoteEvent;

/** To the worker. */
export type Request = { [N in CallName]: { id: number; call: N; with: Calls[N][0] } }[CallName];

/** From the worker. */
export type Message = { id: number; answer: unknown } | { id: number; error: string } | { event: TrainerEvent };

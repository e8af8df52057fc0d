// The order of the house, from the ground up: floors, and inside each floor its folders and files. Whoever stands earlier knows nothing of what comes later.
// A new folder, or a new file beside the folders, takes its place here; a new file in a folder does not.

export const HOUSE: Record<string, string> = {
  gpu: 'checked.ts nearest.ts device kernel pointwise tune profile queue.ts gpu.ts check-kernels.ts',
  tensor:
    'shape.ts text.ts values.ts launch.ts storage.ts convert.ts scope.ts dropped.ts tensor.ts random.ts checks.ts create.ts partial.ts evaluate.ts accumulate.ts recording.ts autograd.ts sinks.ts replay.ts checkpoint.ts check-gradients.ts',
  ops: 'elementwise reduce arithmetic random shape resize matmul attention conv norm pool loss gates packed detection custom',
  nn: 'init.ts arena.ts layer-draws.ts safetensors.ts mismatches.ts state-dict.ts state-file.ts module.ts layers loss optim',
  io: 'atomic-file.ts output-path.ts own-folder.ts foreign.ts foreign-file.ts whole-file.ts text-file.ts safetensors.ts weight-files.ts tensorboard',
  data: 'errors.ts image transform arrays synthetic cifar10 folder sources coco loader detection',
  models:
    'node kinds graph trace gated-layers.ts gated-module.ts held-masks.ts branch-drops.ts network.ts checkpoint zoo',
  prune:
    'error.ts gates.ts analysis.ts values.ts spaces.ts channel-groups.ts plan.ts dead-channels.ts terms.ts build.ts write.ts compact.ts cut-by-size.ts fold.ts count.ts',
  astro:
    'packing networks astrocyte.ts gate-layout.ts left-ungated.ts gate-groups.ts astrocyte-cost.ts features.ts network-gates.ts regulation.ts open-gates.ts gate-cut.ts',
  report: 'types.ts html.ts tables figures sections run-report.ts comparison.ts',
  train: 'options recipes.ts config.ts files stages attached run',
  export: 'errors.ts finite.ts onnx',
  explain: 'maps pictures',
  detect: 'errors.ts evaluate model feed infer pictures train report',
  cli: 'common doctor train detector commands dispatch.ts main.ts',
};

export const floors = Object.keys(HOUSE);

/** Folders of test/ that mirror no floor: what the tests share, values from PyTorch, tests of what is not in src and of the documents, and walks over all ops. */
export const TEST_FOLDERS = [
  'support',
  'golden',
  'architecture',
  'bench',
  'browser',
  'checks',
  'documents',
  'fuzz',
  'package',
  'page',
  'walk',
];

/** Folders whose programs see the library as its users do: by the names of the package. */
export const USERS = ['bench', 'datasets', 'examples', 'page'];

// The paper's tables of classification, 1 to 4: the structure of the AN, λ, the features G, and a ViT on ImageNet; each with the controls of docs/method.md §8, and, where "own" says what
// makes the recipe of this project of the paper's, with a row of that at the size that the AN-UNet leaves. And the pretraining of Table 5's backbones.
import {
  type Change,
  named,
  narrowRow,
  ownRow,
  type Published,
  plainRow,
  type Row,
  randomRow,
  type TablePlan,
  trainedRow,
  unetRow,
} from './row.ts';

const published = (accuracy: number, parameters: number, std?: number): Published => ({ accuracy, std, parameters });

/** What the paper reports where it has the row; a smaller model in its place keeps the figures, in columns of their own. */
const RESNET18 = { plain: published(92.8, 11.17), unet: published(94.35, 7.6, 0.14) };
const RESNET34 = { plain: published(93.56, 21.28), unet: published(94.51, 9.7, 0.13) };

const NARROW =
  'The narrower plain NN is narrowed to what the row with AN-UNet, λ = 1e-3 and the mixture keeps, seed by seed; the other trained rows are compared with it too, whatever they keep.';

const OWN =
  'The recipe astrogpu is to keep what the row with AN-UNet, λ = 1e-3 and the mixture keeps, seed by seed; the random AN that it is compared with is under the recipe paper.';

const ownRows = (model: string, own?: Change): Row[] => (own ? [ownRow(model, own)] : []);
const ownNotes = (own?: Change): string[] => (own ? [OWN] : []);

export const table1 = (model: string, own?: Change): TablePlan => ({
  name: 'table-1',
  title: 'Table 1: the structure of the AN',
  published: true,
  rows: [
    plainRow(model, RESNET18.plain),
    randomRow(model),
    { ...trainedRow(model, 'cnn', 'AN-CNN', { an: 'cnn' }), published: published(94.21, 7.9) },
    { ...trainedRow(model, 'fcn', 'AN-FCN', { an: 'fcn' }), published: published(94.31, 7.8, 0.17) },
    unetRow(model, 'AN-UNet', RESNET18.unet),
    narrowRow(model),
    ...ownRows(model, own),
  ],
  notes: [
    NARROW,
    'The random AN is an AN-UNet before its training; the other two structures are compared with it too.',
    ...ownNotes(own),
  ],
});

/** The paper's rows of one model in Table 2; λ = 1e-3 is the default row. */
function lambdaRows(
  model: string,
  { plain, unet }: typeof RESNET18,
  others: Record<'0' | '1e-4' | '1e-2' | '1e-1', Published>,
  own?: Change,
): Row[] {
  const row = (lambda: keyof typeof others): Row => ({
    ...trainedRow(model, `lambda-${lambda}`, `λ = ${lambda}`, { lambda: Number(lambda) }),
    published: others[lambda],
  });
  return [
    plainRow(model, plain),
    randomRow(model),
    row('0'),
    row('1e-4'),
    unetRow(model, 'λ = 1e-3', unet),
    row('1e-2'),
    row('1e-1'),
    narrowRow(model),
    ...ownRows(model, own),
  ];
}

const LAMBDA18 = {
  '0': published(94.25, 7.8, 0.2),
  '1e-4': published(94.33, 7.7, 0.16),
  '1e-2': published(94.32, 7.6, 0.13),
  '1e-1': published(94.27, 7.4, 0.11),
};
const LAMBDA34 = {
  '0': published(94.42, 9.9, 0.19),
  '1e-4': published(94.49, 9.7, 0.17),
  '1e-2': published(94.32, 9.5, 0.14),
  '1e-1': published(94.27, 9.4, 0.12),
};

/** `deep` is the second model, where there is one. */
export function table2(model: string, { deep, own }: { deep?: string; own?: Change } = {}): TablePlan {
  const rows = lambdaRows(model, RESNET18, LAMBDA18, own);
  const second = deep && lambdaRows(deep, RESNET34, LAMBDA34, own);
  const notes = [NARROW, ...ownNotes(own)];
  return {
    name: 'table-2',
    title: 'Table 2: the weight λ of the temporal regulation',
    published: true,
    rows: second ? [...named(rows, model), ...named(second, deep)] : rows,
    notes: second ? notes : [...notes, 'The paper has the same rows for ResNet34; they are left out here.'],
  };
}

export const table3 = (model: string, own?: Change): TablePlan => ({
  name: 'table-3',
  title: 'Table 3: the features G',
  published: true,
  rows: [
    plainRow(model, RESNET18.plain),
    randomRow(model),
    { ...trainedRow(model, 'g-avg', 'G average', { g: 'avg' }), published: published(94.32, 7.6) },
    { ...trainedRow(model, 'g-max', 'G largest', { g: 'max' }), published: published(94.31, 7.8) },
    unetRow(model, 'G mixture', RESNET18.unet),
    narrowRow(model),
    ...ownRows(model, own),
  ],
  notes: [NARROW, 'The random AN sees the mixture.', ...ownNotes(own)],
});

export const table4 = (model: string, own?: Change): TablePlan => ({
  name: 'table-4',
  title: 'Table 4: a vision transformer on ImageNet',
  published: true,
  publishedFor: 'ViT-B/16 on all of ImageNet-1k',
  rows: [
    plainRow(model, published(77.9, 86)),
    randomRow(model),
    unetRow(model, 'trained AN-UNet', published(79.3, 68)),
    narrowRow(model),
    ...ownRows(model, own),
  ],
  notes: [
    'The narrower plain ViT is narrowed to what the trained row keeps, seed by seed.',
    'Gates are those of output units: of qkv, proj, fc1, fc2 and the patch embedding, and of input units of the head (docs/method.md).',
    'The paper does not say how its ViT was trained; the setting here is that of DeiT-B without distillation (Touvron et al. 2021), but for repeated augmentation.',
    ...(own
      ? [OWN, 'Under gates of units that is what compaction is to leave of it.']
      : ['Without --quick there is a row of the recipe astrogpu, too.']),
  ],
});

/** The networks that Table 5's detectors stand on. */
export const backboneRows = (model: string): Row[] => [
  { ...plainRow(model), label: 'plain backbone' },
  { ...randomRow(model), label: 'backbone under a random AN' },
  unetRow(model, 'backbone† (under the trained AN-UNet)'),
];

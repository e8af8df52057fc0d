// How each line of a document is run in a test: what is put in place of the reader's words, options that make it small, and what it must say and leave.

export interface Rehearsal {
  /** Words that stand for something of the reader's, and what is there in the test. */
  put?: Record<string, string>;
  /** Options behind those of the line, which go before them where both have one. */
  small?: string;
  /** What stands on standard output. */
  says?: RegExp;
  /** Files, from the folder that the document's lines run in. */
  leaves?: readonly string[];
}

const NETWORK = '--width 0.25 --batch 4 --epochs 1 --search-epochs 1 --T 2';
const DRAWN = '--data stand-in --images 16 --test-images 4';
const PLAIN = `${NETWORK} --arms plain`;
const SMALL = '--model resnet-small';
const NET = { NET: 'runs/a/trained-AN.safetensors' };
const DETECTOR = { DETECTOR: 'runs/boxes/detector.safetensors' };
const TABLE = `--batch 4 --epochs 1 --search-epochs 1 --seeds 1`;

const pages = (name: string): string[] => ['md', 'png', 'svg', 'json'].map((ending) => `${name}.${ending}`);
const table = (number: string, small: string): Rehearsal => ({
  small: `${TABLE} ${small} --out runs/table-${number}`,
  leaves: pages(`runs/table-${number}/table-${number}`),
});

/** Rehearsals by document and line. A line that several documents show is run in one. */
export const REHEARSED: Record<string, Record<string, Rehearsal>> = {
  'docs/guide/train.md': {
    'npm start': {
      small: `${DRAWN} ${SMALL} ${NETWORK} --arms plain --out runs/b`,
      says: /^report: runs\/b\/report\.html$/m,
      leaves: ['runs/b/report.html', 'runs/b/plain-NN.safetensors'],
    },
    'npx astrogpu doctor': { says: /training is possible here/ },
    'npx astrogpu train --data photos/ --size 64': {
      small: `${SMALL} ${NETWORK} --out runs/a`,
      says: /^report: runs\/a\/report\.html$/m,
      leaves: [
        'report.html',
        'trained-AN.safetensors',
        'trained-AN-folded.safetensors',
        'trained-AN-compact.safetensors',
      ].map((name) => `runs/a/${name}`),
    },
    'npx astrogpu eval runs/…/trained-AN.safetensors': { put: { '…': 'a' }, says: /^accuracy: \d/m },
    'npx astrogpu eval NET --json --confusion matrix.png': {
      put: NET,
      says: /^\{[\s\S]*\}\s*$/,
      leaves: ['matrix.png'],
    },
    'npx astrogpu predict NET --image photos/ --top 3': {
      put: NET,
      says: /^photos\/cat\/0\.jpg: (cat|dog) [\d.]+ %, (cat|dog) [\d.]+ %$/m,
    },
    'npx astrogpu explain NET --image cat.jpg --class cat': {
      put: NET,
      says: /^cat: .*explained\/cat\.png$/m,
      leaves: ['explained/cat.png'],
    },
    'npx astrogpu compact NET --keep 0.1': {
      put: NET,
      says: /^parameters +[\d,]+ +[\d,]+ +−/m,
      leaves: ['runs/a/trained-AN-cut.safetensors'],
    },
    'npx astrogpu export NET --out net.onnx': { put: NET, leaves: ['net.onnx'] },
    'npx astrogpu compare runs/a runs/b --out compared.html': { leaves: ['compared.html'] },
    'npx astrogpu train --help': { says: /^ {2}--target-params/m },
    'npx astrogpu train --recipe paper': {
      small: `${DRAWN} ${SMALL} ${NETWORK} --arms trained`,
      says: /Recipe: the paper's readings/,
    },
    'npx astrogpu train --target-params 0.25': {
      small: `${DRAWN} ${SMALL} ${NETWORK} --arms trained`,
      says: /^report: /m,
    },
    'npx astrogpu train --gate channel --group 16 --target-params 0.5': {
      small: `${DRAWN} ${SMALL} --batch 4 --epochs 1 --arms magnitude`,
      says: /^\| largest weights .* MFLOPs/m,
    },
    'npx astrogpu train --model resnet18 --epochs 60': {
      small: `${DRAWN} ${PLAIN} --width 0.0625 --out runs/c`,
      says: /resnet18/,
      leaves: ['runs/c/plain-NN.safetensors'],
    },
    'npx astrogpu train --resume runs/…': { put: { '…': 'c' }, says: /resnet18, connection gates/ },
    'npx astrogpu train --resume runs/… --epochs 90': { put: { '…': 'c', 90: '2' }, says: /--epochs 2\b/ },
    'npx astrogpu train --data photos/ --classes list.txt': {
      small: `${SMALL} ${PLAIN} --size 16`,
      says: /^report: /m,
    },
    'npx astrogpu train --data photos/ --weights NET --lr 0.01': {
      put: { NET: 'runs/a/plain-NN.safetensors' },
      small: '--batch 4 --epochs 1 --arms plain',
      says: /^report: /m,
    },
    'npx astrogpu train --best --patience 5': {
      small: `${DRAWN} ${SMALL} ${PLAIN} --images 40 --out runs/d`,
      leaves: ['runs/d/plain-NN-best.safetensors'],
    },
    'npx astrogpu train --precision f16': { small: `${DRAWN} ${SMALL} ${PLAIN}`, says: /f16/ },
    'npx astrogpu train --batch 1024 --micro-batch auto --memory 16 --recompute': {
      small: `${DRAWN} ${SMALL} ${PLAIN}`,
      says: /^report: /m,
    },
    'npx astrogpu train --data imagenet/ --model vit-b-16 --optimizer adamw --batch 1024 --micro-batch auto': {
      small: `${PLAIN} --model vit-tiny-cifar --loading disk`,
      says: /^report: /m,
    },
    'npx astrogpu train --tune': { small: `${DRAWN} ${SMALL} ${PLAIN}`, leaves: ['.cache/tuning.json'] },
    'npx astrogpu eval --model resnet50-imagenet --weights resnet50.safetensors --data imagenet/': {
      put: { resnet50: 'resnet18' },
      small: '--images 2 --resize 32 --crop 32 --classes 2',
      says: /^accuracy: /m,
    },
    'node bench/boxinst.js --data coco/ --backbone resnet50.safetensors': {
      put: { 'resnet50.safetensors': 'backbone.safetensors' },
      small: `--iterations 1 --batch 1 --micro-batch 1 --short 64 --long 64 --channels 16 --towers 1 --mask-channels 8 --out runs/boxes`,
      leaves: ['runs/boxes/detector.safetensors', 'runs/boxes/report.html'],
    },
    'npx astrogpu detect DETECTOR --image photos/': {
      put: DETECTOR,
      says: /^photos\/cat\/5\.jpg: .*detected\/cat-5\.png$/m,
      leaves: ['detected/cat-5.png', 'detected/detections.json'],
    },
    'npx astrogpu eval DETECTOR --data coco/ --per-class': { put: DETECTOR, says: /^disk( +[\d.]+){4}$/m },
    'node bench/tables.js 1 --quick': table('1', `${DRAWN} --only resnet-small-plain,resnet-small-unet`),
    'node bench/tables.js 4 --quick --data imagenet/': table('4', '--only vit-tiny-cifar-plain'),
    'node bench/tables.js tradeoff --quick': {
      small: `${TABLE} ${DRAWN} --keep 0.5 --only resnet-small-plain,resnet-small-magnitude-50 --out runs/tradeoff`,
      leaves: pages('runs/tradeoff/tradeoff'),
    },
    'node bench/figures.js 4 --quick': {
      small: `${TABLE} ${DRAWN} --only resnet-small-T10-lambda-0 --out runs/figure`,
      leaves: ['md', 'png', 'json'].map((ending) => `runs/figure/figure-4.${ending}`),
    },
  },
  'docs/guide/checkpoints.md': {
    'npx astrogpu eval --model vit-b-16 --weights vit-base-patch16-224/ --data imagenet/': {
      put: { 'vit-b-16': 'vit-t-16' },
      small: '--images 2 --resize 32 --crop 32 --classes 2',
      says: /^accuracy: /m,
    },
    'npx astrogpu train --model vit-t-16 --weights deit_tiny.safetensors --data photos/ --size 224 --lr 0.0005': {
      small: '--size 32 --batch 4 --epochs 1 --arms plain',
      says: /head\.weight[\s\S]*^report: /m,
    },
  },
  'docs/guide/profile.md': {
    'node bench/cifar.js --profile --trace t.json': { small: `${DRAWN} ${SMALL} ${NETWORK}`, leaves: ['t.json'] },
    'node bench/roofline.js': { small: '--quick' },
    'node bench/kernels.js --filter conv': { small: '--quick --shape "3x3 64->64"' },
    'node bench/astro.js': { small: `${SMALL} --batch 4 --rounds 1` },
    'node bench/compaction.js --keep 0.5 --group 4': { small: '--batch 2 --rounds 1' },
    'npm run tune': { small: `${DRAWN} ${SMALL} ${PLAIN} --phase guide`, leaves: ['.cache/tuning.json'] },
  },
  'CONTRIBUTING.md': {
    'node bench/cifar.js --profile': { small: `${DRAWN} ${SMALL} ${NETWORK}` },
  },
  'docs/runs.md': {
    'npx astrogpu train --tensorboard': {
      small: `${DRAWN} ${SMALL} ${PLAIN} --out runs/a`,
      leaves: ['runs/a/tensorboard'],
    },
  },
};

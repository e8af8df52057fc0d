// Lines of documents that no test runs, each with the reason, and the test that holds the same where there is one.

const SETS_UP =
  'it installs, or builds what other tests run meanwhile; npm test has done it before, and test/setup.test.ts holds its parts';
const TESTS = 'it is what runs this test';
const CHECKS = 'it is a run of its own beside the tests: npm run check';
const WRITES_SOURCES = 'it writes into the sources';
const PACKS = 'test/package/package.test.ts packs the package, installs it in an empty project, and bundles a page';
const EXAMPLES = 'test/examples.test.ts runs all of examples/';
const DOWNLOADS = 'it downloads 170 MB; test/data/cifar10/download.test.ts does the same from a server of its own';
const FIXED =
  'its chains and steps have the sizes that they have, half a minute of two cores; test/bench/fusion.test.ts measures small ones';
const THREE_RUNS = 'docs/guide/train.md compares two runs, which is run';
const PEERS =
  'it compiles the kernels of other libraries, a minute of two cores; test/bench/peers.test.ts compares small ones';
const LOADER =
  'it measures rounds of seconds, and looks for torchvision; test/bench/loader.test.ts measures a small one';
const SHIPS = 'npm run tune, which is run, measures the same';
const DETECTORS =
  'its smallest backbone and detector take a minute of two cores; test/bench/table-5.test.ts holds its runs and its output, and tables 1 and 4 are run';
const OTHERS = 'it is a program of other people, which is no part of the project';

export const LEFT_OUT: Record<string, string> = {
  'node setup.mjs': SETS_UP,
  'node setup.mjs --build': SETS_UP,
  'npm test': TESTS,
  'npx vitest run test/ops/pool': TESTS,
  'npx vitest run test/ops/reduce/reduce.test.ts': TESTS,
  'npx vitest run test/ops/reduce -t same bits': TESTS,
  'npx vitest run test/models/zoo': TESTS,
  'npx vitest run test/detect/model/whole-step.test.ts': TESTS,
  'npm run check': CHECKS,
  'npm run docs': CHECKS,
  'npm run format': WRITES_SOURCES,
  'node datasets/cifar-10/prepare.js': DOWNLOADS,
  'node datasets/cifar-10/prepare.js --out DIR': DOWNLOADS,
  'cd astrogpu': PACKS,
  'npm pack': PACKS,
  'cd ../my-tool': PACKS,
  'npm install ../astrogpu/astrogpu-0.1.0.tgz': PACKS,
  'npx esbuild app.js --bundle --format=esm --outfile=bundle.js': PACKS,
  'node examples/line-fit.js': EXAMPLES,
  'npx astrogpu compare runs/a runs/b runs/c --out compared.html': THREE_RUNS,
  'npm run bench': PEERS,
  'node bench/peers.js --filter step': PEERS,
  'node bench/loader.js --data imagenet/': LOADER,
  'node bench/tune.js --ship tuning/llvmpipe.json': SHIPS,
  'node bench/fusion.js': FIXED,
  'node bench/tables.js 5 --quick --data imagenet/ --coco coco/': DETECTORS,
  'tensorboard --logdir runs/': OTHERS,
};

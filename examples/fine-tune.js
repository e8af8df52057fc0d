// Fine-tuning: a network from a file learns the classes of a folder of images, with a new head that learns ten times as fast as what is known already.
import {
  BatchStream,
  backward,
  cosine,
  createModel,
  crossEntropy,
  DeviceData,
  Evaluator,
  Gpu,
  loadImageFolder,
  readNetwork,
  Sgd,
  stateDict,
  TRAIN,
  writeNetwork,
} from 'astrogpu';
import { classifierOf } from 'astrogpu/models';
import { loadNetworkWeights, readStartingWeights } from 'astrogpu/train';

const [file, folder, out = 'fine-tuned.safetensors'] = process.argv.slice(2);
if (!folder) {
  console.log('usage: node examples/fine-tune.js NETWORK FOLDER [OUT]');
  console.log('NETWORK is one that `npx astrogpu train` left; FOLDER has a folder of images for each class');
  process.exit(2);
}

const gpu = await Gpu.open();
const { graph, normalization } = readNetwork(file);
const { train, test, classes } = await loadImageFolder(folder, { size: graph.size });
const network = createModel(graph.model, { classes: classes.length }).to(gpu, 1);
const { skipped } = loadNetworkWeights(network, readStartingWeights(file).tensors, { classifier: 'skip' });
console.log(`${file} without ${skipped.join(' and ')}, for ${classes.join(', ')}`);

// The images are normalized as the network's were.
const evaluator = new Evaluator(new DeviceData(gpu, test, normalization), 50);
const stream = new BatchStream(new DeviceData(gpu, train, normalization), { batch: 16, seed: 1, augment: true });
const steps = Math.ceil((5 * train.count) / 16);
const head = classifierOf(network.graph).layer;
const groups = [{ match: (name) => !name.startsWith(`${head}.`), lrScale: 0.1 }];
const optimizer = new Sgd(network.arena, { lr: cosine(steps, 0.05), momentum: 0.9, groups });
const step = gpu.capture('training step', () => {
  stream.next();
  backward(crossEntropy(network.forward(stream.x, TRAIN), stream.y));
  optimizer.step();
});
for (let i = 1; i < steps; i++) step.replay();

console.log(`${(100 * (await evaluator.accuracy(network))).toFixed(0)} % of ${test.count} other images are right`);
writeNetwork(out, { graph: network.graph, dict: await stateDict(network), classes, normalization });
console.log(`${out}: \`npx astrogpu predict\` and the other commands take it`);
await gpu.close();

// A network trained on drawn images, without any data set: the step is captured once, and replayed with one submit each.
import {
  BatchStream,
  backward,
  cosine,
  createModel,
  crossEntropy,
  DeviceData,
  drawStandIn,
  Evaluator,
  Gpu,
  Sgd,
  TRAIN,
} from 'astrogpu';

const gpu = await Gpu.open();
const { train, test } = drawStandIn({ train: 1000, test: 200 });
const steps = 100;
const stream = new BatchStream(new DeviceData(gpu, train), { batch: 50, seed: 1, augment: true });
const network = createModel('resnet-small', { classes: train.classes.length }).to(gpu, 1);
const optimizer = new Sgd(network.arena, { lr: cosine(steps, 0.1), momentum: 0.9 });

let loss;
const program = gpu.capture('training step', () => {
  stream.next();
  loss = crossEntropy(network.forward(stream.x, TRAIN), stream.y);
  backward(loss);
  optimizer.step();
});
for (let step = 1; step < steps; step++) program.replay();

const evaluator = new Evaluator(new DeviceData(gpu, test), 50);
console.log(
  `loss ${(await loss.item()).toFixed(3)}, test accuracy ${(100 * (await evaluator.accuracy(network))).toFixed(1)} %`,
);
await gpu.close();

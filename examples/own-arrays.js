// A training loop on arrays of one's own: they go to the GPU once, batches are drawn and shuffled there, and a step is one submit.
import {
  Adam,
  ArrayBatches,
  backward,
  countCorrect,
  crossEntropy,
  DeviceArrays,
  Gpu,
  Linear,
  Module,
  noGrad,
  relu,
  uniformArray,
} from 'astrogpu';

class Classifier extends Module {
  hidden = new Linear(2, 32);
  out = new Linear(32, 2);

  forward(x) {
    return this.out.forward(relu(this.hidden.forward(x)));
  }
}

/** Points of a square, and whether each lies inside a ring. */
function points(count, seed) {
  const places = uniformArray(2 * count, seed, 0).map((value) => 2 * value - 1);
  const inside = Uint8Array.from({ length: count }, (_, i) => {
    const radius = Math.hypot(places[2 * i], places[2 * i + 1]);
    return radius > 0.4 && radius < 0.8 ? 1 : 0;
  });
  return { x: { data: places, shape: [2] }, y: { data: inside, shape: [] } };
}

const gpu = await Gpu.open();
const batches = new ArrayBatches(new DeviceArrays(gpu, points(2000, 1)), { batch: 100, seed: 1 });
const { x, y } = batches.batch;
const model = new Classifier().to(gpu, 1);
const optimizer = new Adam(model.arena, { lr: 0.03 });

let loss;
const step = gpu.capture('training step', () => {
  batches.next();
  loss = crossEntropy(model.forward(x), y);
  backward(loss);
  optimizer.step();
});
for (let i = 1; i < 60 * batches.batches; i++) step.replay();

const test = new ArrayBatches(new DeviceArrays(gpu, points(500, 2)), { batch: 500, shuffle: false });
test.next();
const correct = noGrad(() => countCorrect(model.forward(test.batch.x), test.batch.y));
console.log(`loss ${(await loss.item()).toFixed(3)}, ${(await correct.item()) / 5} % of new points are right`);
await gpu.close();

// A small network on images drawn here, trained by plain JavaScript on the installed package: in Node, and bundled in a page.
import {
  avgPool2d,
  BatchNorm2d,
  backward,
  Conv2d,
  crossEntropy,
  Gpu,
  Linear,
  Module,
  maxPool2d,
  relu,
  reshape,
  Sgd,
  TRAIN,
  tensor,
  uniformArray,
} from 'astrogpu';

const [IMAGES, SIDE, CLASSES] = [16, 8, 4];

class Small extends Module {
  conv = new Conv2d(3, 8);
  norm = new BatchNorm2d(8);
  linear = new Linear(8 * (SIDE / 4) ** 2, CLASSES);

  forward(x, pass) {
    const features = maxPool2d(relu(this.norm.forward(this.conv.forward(x), pass)), { kernel: 2 });
    return this.linear.forward(reshape(avgPool2d(features, { kernel: 2 }), [IMAGES, -1]));
  }
}

/** The loss before the first step and after the last. */
export async function train(steps = 20) {
  const gpu = await Gpu.open();
  const x = tensor(gpu, uniformArray(IMAGES * SIDE * SIDE * 3, 1, 0), [IMAGES, SIDE, SIDE, 3]);
  const labels = tensor(
    gpu,
    Uint32Array.from({ length: IMAGES }, (_, i) => i % CLASSES),
    [IMAGES],
  );
  const model = new Small().to(gpu, 1);
  const optimizer = new Sgd(model.arena, { lr: 0.1, momentum: 0.9 });
  let loss;
  const step = gpu.capture('training step', () => {
    loss = crossEntropy(model.forward(x, TRAIN), labels);
    backward(loss);
    optimizer.step();
  });
  const first = await loss.item();
  for (let i = 1; i < steps; i++) step.replay();
  const last = await loss.item();
  await gpu.close();
  return [first, last];
}

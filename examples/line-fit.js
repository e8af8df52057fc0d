// Tensors, a module of one's own and its gradients: a layer finds y = 3·x − 1 from points, by gradient descent on the GPU.
import { Adam, backward, Gpu, Linear, Module, mse, scope, tensor, uniformArray } from 'astrogpu';

class Line extends Module {
  layer = new Linear(1, 1);

  forward(x) {
    return this.layer.forward(x);
  }
}

const gpu = await Gpu.open();
const points = 256;
const xs = uniformArray(points, 1, 0);
const x = tensor(gpu, xs, [points, 1]);
const wanted = tensor(
  gpu,
  xs.map((value) => 3 * value - 1),
  [points, 1],
);

const line = new Line().to(gpu, 1);
const optimizer = new Adam(line.arena, { lr: 0.05 });
for (let step = 0; step < 300; step++)
  scope(() => {
    backward(mse(line.forward(x), wanted));
    optimizer.step();
  });

const [slope] = await line.layer.weight.tensor.floats();
const [offset] = await line.layer.bias.tensor.floats();
console.log(`y = ${slope.toFixed(2)}·x + ${offset.toFixed(2)}`);
await gpu.close();

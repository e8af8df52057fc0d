// AstroNet on a module written by hand and arrays of one's own: search, guide, finish, and the smaller network that is left.
import {
  ArrayBatches,
  attachAstrocyte,
  BatchNorm2d,
  Conv2d,
  crossEntropy,
  DeviceArrays,
  EVAL,
  Gpu,
  globalAvgPool,
  graphOf,
  Linear,
  Module,
  networkCost,
  relu,
  uniformArray,
} from 'astrogpu';

class Residual extends Module {
  stem = new Conv2d(1, 16);
  norm = new BatchNorm2d(16);
  inner = new Conv2d(16, 16, { stride: 2 });
  innerNorm = new BatchNorm2d(16);
  head = new Linear(16, 4);

  forward(x, pass) {
    const y = relu(this.norm.forward(this.stem.forward(x), pass));
    return this.head.forward(globalAvgPool(relu(this.innerNorm.forward(this.inner.forward(y), pass))));
  }
}

/** Stripes of four directions under noise, 8×8. */
function stripes(count, seed) {
  const noise = uniformArray(64 * count, seed, 0);
  const along = [(r) => r, (_, c) => c, (r, c) => r + c, (r, c) => r - c + 8];
  const pixel = (i) => along[(i >> 6) % 4]((i >> 3) & 7, i & 7) % 4 < 2;
  const x = noise.map((value, i) => value - 0.5 + (pixel(i) ? 0.5 : -0.5));
  return {
    x: { data: x, shape: [8, 8, 1] },
    y: { data: Uint8Array.from({ length: count }, (_, i) => i % 4), shape: [] },
  };
}

const gpu = await Gpu.open();
const [train, heldOut] = [256, 128].map(
  (n, seed) => new ArrayBatches(new DeviceArrays(gpu, stripes(n, seed)), { batch: 32 }),
);
const model = new Residual().to(gpu, 1);
const loss = ({ x, y }, pass) => crossEntropy(model.forward(x, pass), y);
const graph = graphOf(model, train.batch.x, (x) => model.forward(x, EVAL));
const astro = attachAstrocyte(model, { gates: 'filter', exclude: ['head'], T: 2, graph });
await astro.search({ train, heldOut, loss, epochs: 2 });
const [, last] = await astro.guide({ train, heldOut, loss, epochs: 8, every: 32, guideEvery: 4, keep: 0.5 });
const { kept, total } = await astro.finish();
console.log(`${kept} of ${total} parameters are kept, loss on held-out images ${last.heldOut.toFixed(3)}`);
const smaller = await astro.compact();
console.log(`${networkCost(graph).macs} multiplications an image become ${networkCost(smaller.graph).macs}`);
await gpu.close();

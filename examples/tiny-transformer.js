// A small transformer that learns to write a sequence backwards: only attention can know which token comes to which place.
import { ArrayBatches, DeviceArrays, Gpu } from 'astrogpu';
import * as nn from 'astrogpu/nn';
import { add, argmax, backward, crossEntropy, noGrad, uniformArray } from 'astrogpu/tensor';

const [LENGTH, SYMBOLS, WIDTH, HEADS, STEPS] = [8, 10, 32, 4, 150];

class Block extends nn.Module {
  norm1 = new nn.LayerNorm(WIDTH);
  attention = new nn.MultiHeadAttention(WIDTH, HEADS);
  norm2 = new nn.LayerNorm(WIDTH);
  mlp = new nn.Sequential(new nn.Linear(WIDTH, 64), new nn.GELU(), new nn.Linear(64, WIDTH));

  forward(x) {
    const seen = add(x, this.attention.forward(this.norm1.forward(x)));
    return add(seen, this.mlp.forward(this.norm2.forward(seen)));
  }
}

class Transformer extends nn.Module {
  tokens = new nn.Embedding(SYMBOLS, WIDTH);
  places = new nn.Parameter([LENGTH, WIDTH], nn.heNormal(2));
  block = new Block();
  head = new nn.Sequential(new nn.LayerNorm(WIDTH), new nn.Linear(WIDTH, SYMBOLS));

  forward(x) {
    return this.head.forward(this.block.forward(add(this.tokens.forward(x), this.places.tensor)));
  }
}

/** Sequences, and the same backwards. */
function sequences(count, seed) {
  const x = Uint32Array.from(uniformArray(count * LENGTH, seed, 0), (value) => Math.floor(value * SYMBOLS));
  const y = x.map((_, i) => x[i - (i % LENGTH) + LENGTH - 1 - (i % LENGTH)]);
  return { x: { data: x, shape: [LENGTH] }, y: { data: y, shape: [LENGTH] } };
}

const gpu = await Gpu.open();
const batches = new ArrayBatches(new DeviceArrays(gpu, sequences(4096, 1)), { batch: 64, seed: 1 });
const model = new Transformer().to(gpu, 1);
const lr = nn.cosine(STEPS, 0.01, 0.1);
const optimizer = new nn.AdamW(model.arena, { lr, weightDecay: 0.01, groups: [nn.NO_DECAY] });

let loss;
const step = gpu.capture('training step', () => {
  batches.next();
  loss = crossEntropy(model.forward(batches.batch.x), batches.batch.y);
  backward(loss);
  optimizer.step();
});
for (let i = 1; i < STEPS; i++) step.replay();

const unseen = new ArrayBatches(new DeviceArrays(gpu, sequences(256, 2)), { batch: 256, shuffle: false });
unseen.next();
const written = await noGrad(() => argmax(model.forward(unseen.batch.x), -1)).data();
const wanted = await unseen.batch.y.data();
const right = (100 * written.filter((symbol, i) => symbol === wanted[i]).length) / wanted.length;
console.log(`loss ${(await loss.item()).toFixed(3)}, ${right.toFixed(1)} % of unseen symbols are right`);
await gpu.close();

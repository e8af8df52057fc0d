// A network of one's own, written as a graph: what it costs, its gradients, and the same network as an ONNX file.
import { mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  EVAL,
  Gpu,
  GraphBuilder,
  Network,
  networkCost,
  noGrad,
  stateDict,
  tensor,
  uniformArray,
  writeOnnx,
} from 'astrogpu';

const builder = new GraphBuilder();
const stem = builder.conv(builder.image(), 'stem', 16, { norm: 'stem_norm', relu: true });
const inner = builder.conv(stem, 'block.conv1', 16, { norm: 'block.norm1', relu: true });
const block = builder.conv(inner, 'block.conv2', 16, { norm: 'block.norm2', residual: stem, relu: true });
builder.linear(builder.globalPool(block), 'head', 5);
const graph = builder.graph('my-network', 32);

const { parameters, macs } = networkCost(graph);
console.log(`${parameters} parameters, ${(macs / 1e6).toFixed(1)} million multiplications an image`);

const gpu = await Gpu.open();
const network = new Network(graph).to(gpu, 1);
const images = tensor(gpu, uniformArray(4 * 32 * 32 * 3, 1, 0), [4, 32, 32, 3]);
const logits = noGrad(() => network.forward(images, EVAL));
console.log(`logits [${logits.shape.join('×')}], the first ${(await logits.floats())[0].toFixed(4)}`);

const file = join(mkdtempSync(join(tmpdir(), 'astrogpu-')), 'my-network.onnx');
writeOnnx(file, graph, await stateDict(network));
console.log(`${file}: ${statSync(file).size} bytes`);
await gpu.close();

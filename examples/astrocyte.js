// AstroNet by hand: gates for every connection from an astrocyte, the network under them, and the smaller network that is left when half of them go.
import { createModel, EVAL, Gpu, networkCost, noGrad, stateDict, tensor, uniformArray } from 'astrogpu';
import { Astrocyte, GateCut, GateLayout, Regulator } from 'astrogpu/astro';
import { Network } from 'astrogpu/models';
import { loadStateDict } from 'astrogpu/nn';
import { compact, foldGates, readGates } from 'astrogpu/prune';

const gpu = await Gpu.open();
const network = createModel('resnet-small', { classes: 10 }).to(gpu, 1);
const layout = new GateLayout(network, 'filter');
const astrocyte = new Astrocyte({ network: 'unet' }).to(gpu, 1);
const regulator = new Regulator(gpu, layout, astrocyte, {
  T: 3,
  mode: 'replace',
  feature: 'mixture',
  absolute: false,
  norm: 'mean',
  backpropThroughGates: false,
});

regulator.regulate();
const cut = new GateCut(regulator);
cut.keep(0.5);
cut.apply();
await regulator.finalizeGates();
console.log(`${layout.total} gates, the smaller half is closed`);

const gates = await readGates(layout, regulator.gate);
const smaller = compact(network.graph, foldGates(network.graph, await stateDict(network), gates, layout.kind));
const before = networkCost(network.graph);
const after = networkCost(smaller.graph);
console.log(`${before.parameters} parameters become ${after.parameters}, ${before.macs} multiplications ${after.macs}`);

const compacted = new Network(smaller.graph).to(gpu, 1);
loadStateDict(compacted, smaller.dict);
const images = tensor(gpu, uniformArray(2 * 32 * 32 * 3, 1, 0), [2, 32, 32, 3]);
const gated = await noGrad(() => regulator.gated(() => network.forward(images, EVAL))).floats();
const dense = await noGrad(() => compacted.forward(images, EVAL)).floats();
const difference = Math.max(...gated.map((value, i) => Math.abs(value - dense[i])));
console.log(`largest difference between the logits of both: ${difference.toExponential(1)}`);
await gpu.close();

// What an astrocyte will cost, before anything of its maps is allocated: a sample map tells what a pixel costs, and gates are as many pixels.
import { type Gpu, needArguments } from '../gpu/index.ts';
import { moduleCost } from '../models/index.ts';
import { sum } from '../ops/index.ts';
import { backward, noGrad, scope, zeros } from '../tensor/index.ts';
import { Astrocyte, type AstrocyteOptions } from './astrocyte.ts';
import type { GateLayout } from './gate-layout.ts';
import { PackedMaps } from './packing/packed-maps.ts';

/** Of one pass of an astrocyte over all its maps, which makes one P. */
export interface AstrocyteCost {
  /** As many features as gates, or groups of them. */
  gates: number;
  maps: number;
  /** How many shapes of maps there are. */
  shapes: number;
  parameters: number;
  /** Multiplications with a weight forward. */
  macs: number;
  /** About what an update of the astrocyte holds at once, all maps together. */
  bytes: number;
}

/** Large enough for what does not grow with a map to be little. */
const SIDE = 128;

/** The cost for the gates of a layout, from a pass over one small map, which takes the memory of that alone. Throws as Astrocyte does. */
export function astrocyteCost(gpu: Gpu, options: AstrocyteOptions, layout: GateLayout): AstrocyteCost {
  needArguments('astrocyteCost', 'a Gpu', { gpu });
  needArguments('astrocyteCost', 'an object', { options, layout });
  const { maps, probabilities } = layout;
  const { parameters } = moduleSize(options, maps);
  const sample = { height: SIDE, width: SIDE, at: 0, length: SIDE ** 2, batch: 0 };
  const astrocyte = new Astrocyte({ ...options, maps: [sample] }).to(gpu, 1);
  const packed = new PackedMaps(gpu, [sample]);
  const { inputs = 1 } = options;
  const shape = inputs === 1 ? [sample.length] : [inputs, sample.length];
  const pass = () => astrocyte.forward(zeros(gpu, shape, 'features'), packed);
  const { macs } = noGrad(() => scope(() => ({ macs: moduleCost(astrocyte, pass).macs })));
  const { current } = gpu.memory.stats();
  gpu.memory.resetPeak();
  scope(() => backward(sum(pass())));
  const { peak } = gpu.memory.stats();
  for (const owned of [packed, astrocyte]) owned.release();
  const pixels = maps.reduce((all, { height, width }) => all + height * width, 0) / sample.length;
  return {
    gates: probabilities,
    maps: maps.length,
    shapes: new Set(maps.map(({ batch }) => batch)).size,
    parameters,
    macs: macs * pixels,
    bytes: (peak - current) * pixels,
  };
}

const moduleSize = (options: AstrocyteOptions, maps: GateLayout['maps']): { parameters: number } => ({
  parameters: new Astrocyte({ ...options, maps }).parameterCount(),
});

// What memory a run will need, estimated from its graph alone: said of every run, where measuring it (memory-plan.ts) would compile kernels for sizes that nobody trains with.
import { isOnDisk, type TaskImages } from '../../data/index.ts';
import { channelsOf, describeModel, extentsOf, kindOf, networkParameters } from '../../models/index.ts';
import type { JobConfig } from '../config.ts';
import type { GateCost } from './job-gates.ts';
import type { MemoryPlan } from './memory-plan.ts';

/** Values that a step holds for each one of a node: of a convolution with its normalization what it makes, what that becomes, and gradients. Fitted to what planMemory() measured of the networks here, within a fifth. */
const HELD = { conv: 3, other: 1.3 };
/** Of them where blocks are computed again. */
const RECOMPUTED = 0.4;
/** Values beside each parameter that an optimizer remembers. */
const REMEMBERED: Record<JobConfig['optimizer'], number> = { sgd: 1, adamw: 2, lion: 1 };
/** Bytes for each parameter of the astrocyte: itself, its gradient, and Adam's two. */
const ASTROCYTE = 16;

/** About what a run will need. `costs` are those of its astrocytes, which work one after another. */
export function estimateMemory(
  config: JobConfig,
  train: TaskImages,
  costs: readonly Pick<GateCost, 'cost'>[] = [],
): MemoryPlan {
  const { model, width, optimizer: name, precision, recompute, ema } = config;
  const graph = describeModel(model, { width, classes: train.classes.length, size: train.height });
  const weights = networkParameters(graph);
  const parameters = weights * (precision === 'f16' ? 10 : 8);
  const optimizer = 4 * weights * (REMEMBERED[name] + (ema === undefined ? 0 : 1));
  const astrocyte = Math.max(0, ...costs.map(({ cost }) => cost.bytes + ASTROCYTE * cost.parameters));
  const images = isOnDisk(train)
    ? 0
    : Math.min(train.count, config.images) * train.height * train.width * train.channels;
  const channels = channelsOf(graph);
  const extents = extentsOf(graph);
  const values = graph.nodes.reduce((sum, node) => {
    const extent = extents.get(node.name)!;
    const own = extent.reduce((size, side) => size * side, channels.get(node.name)!);
    const convolves = extent.length === 2 && kindOf(node).connections?.(node) !== undefined;
    return sum + own * (convolves ? HELD.conv : HELD.other);
  }, 0);
  const perImage = values * (precision === 'f16' ? 2 : 4) * (recompute ? RECOMPUTED : 1);
  const fixed = parameters + optimizer + astrocyte + images;
  return { parameters, optimizer, astrocyte, images, perImage, total: (micro) => fixed + micro * perImage };
}

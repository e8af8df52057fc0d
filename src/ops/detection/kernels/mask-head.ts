// Launches the mask head of all instances of a batch: forward, the gradient of the features, and that of the parameters, which is added up in slices first.
import { f32, type KernelCall, params } from '../../../gpu/index.ts';
import { type DType, empty, type Tensor, vectorOf } from '../../../tensor/index.ts';
import { reduceInto } from '../../reduce/reduce.ts';

/** Parameters of an instance: 18·8 + 8·8 + 8 weights and 17 biases. */
export const MASK_PARAMETERS = 233;
/** Multiply-adds of a logit: the weights. */
const PRODUCTS = 216;
/** Positions that one slice of the parameters' gradient adds up, at most. */
const RUN = 128;

export interface MaskHead {
  features: Tensor;
  parameters: Tensor;
  centers: Tensor;
  sizes: Tensor;
  stride: number;
  /** Of the logits. */
  dtype: DType;
}

const sidesOf = ({ features, parameters }: MaskHead) => {
  const [images, height, width] = features.shape;
  return { images, instances: parameters.shape[1], width, positions: height * width };
};

/** What the launches have in common; `outputs` are bound behind the inputs, `share` is the uniform's. */
function launch(
  head: MaskHead,
  share: number,
  outputs: Tensor[],
  call: Pick<KernelCall, 'shader' | 'grid' | 'label'>,
  products: number,
): void {
  const { features, parameters, centers, sizes, stride, dtype } = head;
  const { images, instances, width, positions } = sidesOf(head);
  const tensors = [features, parameters, centers, sizes, ...outputs];
  const { gpu } = features;
  const { group, holds } = gpu.machine.detection.maskHead;
  const shared = gpu.capabilities.subgroups && gpu.adapter.subgroupMinSize === group;
  const held = shared ? 'detection/mask_head_held_subgroup' : 'detection/mask_head_held_own';
  gpu.run({
    ...call,
    constants: { GROUP: group },
    includes: holds ? { 'detection/mask_head_held': held } : {},
    types: { X: vectorOf(features.dtype), W: parameters.dtype, Y: dtype },
    bindings: tensors.map(({ slice }) => slice),
    params: params(instances, width, positions, share, f32(stride), f32(Math.floor(stride / 2)), MASK_PARAMETERS),
    cost: {
      flops: 2 * products * images * instances * positions,
      bytes: tensors.reduce((sum, { bytes }) => sum + bytes, 0),
    },
  });
}

/** logits [N, K, h, w] ← the mask head. */
export function maskHeadForward(head: MaskHead, logits: Tensor): void {
  const { forward } = logits.gpu.machine.detection.maskHead;
  const { images, instances, positions } = sidesOf(head);
  launch(
    head,
    forward,
    [logits],
    {
      shader: 'detection/mask_head_forward',
      grid: [Math.ceil(positions / forward), instances, images],
      label: 'dynamicMaskHead',
    },
    PRODUCTS,
  );
}

/** dfeatures ← the gradient of the features for that of the logits. */
export function maskHeadFeatures(head: MaskHead, dlogits: Tensor, dfeatures: Tensor): void {
  const { features } = dfeatures.gpu.machine.detection.maskHead;
  const { images, positions } = sidesOf(head);
  launch(
    head,
    features,
    [dlogits, dfeatures],
    {
      shader: 'detection/mask_head_features',
      grid: [Math.ceil(positions / features), images],
      label: 'dynamicMaskHead/backward features',
    },
    2 * PRODUCTS,
  );
}

/** dparameters ← the gradient of the parameters for that of the logits. */
export function maskHeadParameters(head: MaskHead, dlogits: Tensor, dparameters: Tensor): void {
  const { gpu } = dparameters;
  const { group } = gpu.machine.detection.maskHead;
  const { images, instances, positions } = sidesOf(head);
  const slices = Math.ceil(Math.ceil(positions / RUN) / group) * group;
  const sums = empty(gpu, [images * instances, slices, MASK_PARAMETERS], 'mask head slices');
  launch(
    head,
    slices,
    [dlogits, sums],
    {
      shader: 'detection/mask_head_parameters',
      grid: [slices / group, instances, images],
      label: 'dynamicMaskHead/backward parameters',
    },
    3 * PRODUCTS,
  );
  reduceInto(sums, [1], 'sum', dparameters);
  sums.release();
}

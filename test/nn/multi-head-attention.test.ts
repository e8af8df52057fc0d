// Multi-head attention against torch 1.13's nn.MultiheadAttention: values, gradients and state dict, to itself and to another sequence.
import { expect, it } from 'vitest';
import { MultiHeadAttention } from '../../src/nn/layers/multi-head-attention.ts';
import { loadStateDict, stateDict } from '../../src/nn/state-dict.ts';
import { backward } from '../../src/tensor/autograd.ts';
import { count } from '../../src/tensor/tensor.ts';
import { relativeError } from '../support/check.ts';
import { gpu, on } from '../support/gpu.ts';

/** What both sides were given: sixteenths from −8 to 8, in torch's layout. */
const drawn = (length: number, step: number, start: number, scale = 1): Float32Array =>
  Float32Array.from({ length }, (_, i) => ((((i * step + start) % 17) - 8) / 16) * scale);

const PARAMETERS: [name: string, shape: number[], step: number, start: number][] = [
  ['in_proj_weight', [12, 4], 7, 1],
  ['in_proj_bias', [12], 5, 2],
  ['out_proj.weight', [4, 4], 3, 3],
  ['out_proj.bias', [4], 11, 4],
];

/** Width 4, 2 heads, batch 2, 3 queries: what torch gives. */
const TORCH = {
  'to itself, causal': {
    y: [
      ...[-0.166016, 0.860352, 0.243164, -0.125, -0.255497, 0.256877, 0.218832, -0.251396, -0.289809, 0.135053],
      ...[0.181918, -0.334159, -0.498047, -0.275391, 0.212891, -0.792969, -0.497683, -0.375577, 0.364864, -0.803988],
      ...[-0.552095, -0.0319274, 0.32899, -0.77475],
    ],
    x: [
      ...[0.631248, 0.475503, 0.356326, 0.213274, 0.524407, -0.0171461, 0.453861, -0.465346, 0.220881, -0.052233],
      ...[0.260018, -0.320258, -0.33452, -0.116082, -0.269393, -0.156622, -0.171847, -0.112143, -0.197296],
      ...[0.00463667, -0.000467312, 0.00612408, 0.0799756, -0.0953677],
    ],
    in_proj_weight: [
      ...[0.000165151, -0.118962, 0.062625, -0.104071, -0.453014, 1.53617, -0.193684, 1.28752, -0.601402, 2.25928],
      ...[-0.490847, 1.90169, -0.035884, 0.533609, -0.203277, 0.462423, 0.130684, 0.084877, -0.647993, 0.084877],
      ...[-0.0383582, 0.133585, 0.118498, 0.133585, 0.308349, -1.48209, 0.0388112, -1.48209, -0.105031, -0.0084572],
      ...[0.84477, -0.00845719, -1.543, 0.805759, -1.31682, 0.307712, -0.968741, 0.91296, -0.333766, 1.29382],
      ...[-1.38054, 2.24612, -0.917531, 2.6094, 2.64507, -2.14716, 2.47454, -1.80146],
    ],
    in_proj_bias: [0.0595636, -0.994593, -1.43034, -0.284747, 0, 0, 0, 0, -1.99219, 1.52344, 1.45313, 1.38281],
    'out_proj.bias': [-0.375, -3.375, 0, 3.375],
  },
  'to another sequence, padded': {
    y: [
      ...[-0.532942, 0.514519, -0.114789, -0.851647, -0.225311, 0.0343521, 0.0212271, -0.317064, -0.230563, 0.130466],
      ...[-0.00199635, -0.320044, -0.17884, 0.529042, 0.0410514, -0.196706, -0.183835, 0.641179, 0.00781555],
      ...[-0.204884, -0.386365, 1.02869, -0.284686, -0.596679],
    ],
    x: [
      ...[-0.185088, 0.221836, 0.0030517, -0.305703, -0.0447477, 0.0220045, 0.125342, -0.270438, -0.0440619, 0.017082],
      ...[0.143823, -0.300595, -0.0257146, 0.025531, 0.0225766, -0.0800747, -0.00435046, -0.00175801, 0.0339761],
      ...[-0.0657088, 0.0349763, -0.0541567, 0.0657048, -0.0578493],
    ],
    memory: [
      ...[0.334947, 0.0515525, 0.208669, -0.0582643, 0.35785, 0.17226, 0.251969, -0.147166, 0.28639, 0.179518],
      ...[0.133602, 0.230643, 0.327453, 0.0654196, 0.207029, -0.0618332, 0, 0, 0, 0, -0.314347, -0.082579],
      ...[-0.222917, -0.182598, -0.169051, -0.145937, -0.198958, 0.0156061, ...new Array(12).fill(0)],
    ],
    in_proj_weight: [
      ...[0.0624422, -0.157227, 0.102648, -0.0685949, -0.380228, 0.760841, -0.538614, 0.309208, -1.09473, 1.91748],
      ...[-0.338171, 1.54481, -0.187521, 0.319478, -0.0592405, 0.243769, -0.546649, 0.776607, -0.54665, 0.776607],
      ...[0.130831, -0.23338, 0.130831, -0.23338, 0.546072, -0.499377, 0.546072, -0.499377, 0.273953, -0.999453],
      ...[0.273953, -0.999453, 1.09044, 0.0980126, -0.403698, -1.39613, -0.0199334, -1.61727, 1.12264, -0.474688],
      ...[-0.229775, -1.21368, 0.860069, -0.123837, -1.28032, 0.901341, -0.243216, 1.93845],
    ],
    in_proj_bias: [0.354529, -1.80653, -1.49068, -0.302836, 0, 0, 0, 0, -1.99219, 1.52344, 1.45312, 1.38281],
    'out_proj.bias': [-0.375, -3.375, 0, 3.375],
  },
};

function module(): MultiHeadAttention {
  const made = new MultiHeadAttention(4, 2).to(gpu, 1);
  const dict = PARAMETERS.map(
    ([name, shape, step, start]) => [name, { shape, data: drawn(count(shape), step, start) }] as const,
  );
  loadStateDict(made, new Map(dict));
  return made;
}

/** Rows × columns to columns × rows. */
const transposed = (values: ArrayLike<number>, rows: number): number[] =>
  Array.from(values, (_, i) => values[(i % rows) * (values.length / rows) + Math.floor(i / rows)]);

it.each(['to itself, causal', 'to another sequence, padded'] as const)('%s', async (name) => {
  const attention = module();
  const x = on(drawn(24, 9, 6, 4), [2, 3, 4]);
  const memory = on(drawn(40, 10, 7, 4), [2, 5, 4]);
  x.requiresGrad = memory.requiresGrad = true;
  const padding = on([1, 1, 1, 1, 0, 1, 1, 0, 0, 0], [2, 1, 1, 5]);
  const y =
    name === 'to itself, causal'
      ? attention.forward(x, { causal: true })
      : attention.forward(x, { mask: padding }, memory);
  const expected: Partial<Record<string, number[]>> = TORCH[name];
  const close = (what: string, actual: ArrayLike<number>): void =>
    expect(relativeError(actual, expected[what]!), what).toBeLessThan(4e-6); // six digits are committed
  close('y', await y.floats());
  backward(y, { gradient: on(drawn(24, 13, 5, 2), y.shape) });
  close('x', await x.grad!.floats());
  if (expected.memory) close('memory', await memory.grad!.floats());
  const { tensors } = attention.arena;
  close('in_proj_weight', transposed(await tensors.get('in_proj_weight')!.grad!.floats(), 4));
  close('in_proj_bias', await tensors.get('in_proj_bias')!.grad!.floats());
  close('out_proj.bias', await tensors.get('out_proj.bias')!.grad!.floats());
  attention.release();
});

it('has the names and shapes of torch in its state dict', async () => {
  const attention = module();
  const dict = await stateDict(attention);
  expect([...dict].map(([name, { shape }]) => [name, shape])).toEqual(PARAMETERS.map(([name, shape]) => [name, shape]));
  for (const [name, shape, step, start] of PARAMETERS)
    expect([...dict.get(name)!.data], name).toEqual([...drawn(count(shape), step, start)]);
  attention.release();
});

it('refuses what does not fit', () => {
  expect(() => new MultiHeadAttention(6, 4)).toThrow(/a width of 6 cannot be shared among 4 heads/);
  expect(() => module().forward(on([1, 2, 3], [1, 1, 3]))).toThrow(/must be \[batch, tokens, 4\]/);
});

// State dicts: a network's values by torch name and in torch layout, so that other tools read what was trained here.
import { AstroError } from '../gpu/index.ts';
import type { Shape, Tensor } from '../tensor/index.ts';
import type { Module } from './module.ts';

export interface StateTensor {
  shape: number[];
  data: Float32Array;
}

/** A state dict that does not fit its network. */
export class StateDictError extends AstroError {}

/** Stored kh×kw×A×B (or A×B) to torch's B×A×kh×kw (or B×A), and back. For a convolution A = Cin and B = Cout, for a transposed one the reverse. */
function permute(shape: Shape, values: Float32Array, toTorch: boolean): StateTensor {
  if (shape.length < 2) return { shape: [...shape], data: values };
  const [kernel, a, b] = shape.length === 4 ? [shape[0] * shape[1], shape[2], shape[3]] : [1, shape[0], shape[1]];
  const data = new Float32Array(values.length);
  for (let k = 0; k < kernel; k++)
    for (let i = 0; i < a; i++)
      for (let o = 0; o < b; o++) {
        const here = (k * a + i) * b + o;
        const torch = (o * a + i) * kernel + k;
        if (toTorch) data[torch] = values[here];
        else data[here] = values[torch];
      }
  return { shape: shape.length === 4 ? [b, a, shape[0], shape[1]] : [b, a], data };
}

const torchShape = (shape: Shape): number[] =>
  shape.length === 4
    ? [shape[3], shape[2], shape[0], shape[1]]
    : shape.length === 2
      ? [shape[1], shape[0]]
      : [...shape];

/** Parameters and buffers by name, in torch layout (OIHW). One readback for each arena. */
export async function stateDict(module: Module): Promise<Map<string, StateTensor>> {
  const dict = new Map<string, StateTensor>();
  for (const arena of [module.arena, module.bufferArena]) {
    if (!arena) continue;
    const all = await arena.values.floats();
    const start = arena.values.slice.offset;
    for (const [name, tensor] of arena.tensors) {
      const at = (tensor.slice.offset - start) / 4;
      dict.set(name, permute(tensor.shape, all.slice(at, at + tensor.size), true));
    }
  }
  return dict;
}

/** Fills a network from a state dict in torch layout. Throws StateDictError that lists what is missing, left over or of another shape. */
export function loadStateDict(module: Module, dict: ReadonlyMap<string, StateTensor>): void {
  const wanted = new Map<string, Tensor>([...module.arena.tensors, ...(module.bufferArena?.tensors ?? [])]);
  const wrong: string[] = [];
  for (const [name, tensor] of wanted) {
    const given = dict.get(name);
    if (!given) wrong.push(`${name} is missing`);
    else if (given.shape.join() !== torchShape(tensor.shape).join())
      wrong.push(`${name} is ${given.shape.join('×')}, the network has ${torchShape(tensor.shape).join('×')}`);
  }
  for (const name of dict.keys())
    if (!wanted.has(name) && !name.endsWith('num_batches_tracked')) wrong.push(`${name} is not in the network`);
  if (wrong.length > 0)
    throw new StateDictError(
      `the state dict is of another network: ${wrong.slice(0, 8).join('; ')}${wrong.length > 8 ? `; and ${wrong.length - 8} more` : ''}`,
    );
  for (const [name, tensor] of wanted) tensor.set(permute(tensor.shape, dict.get(name)!.data, false).data);
}

// State dicts: a network's values by torch name and in torch layout, so that other tools read what was trained here.
import { AstroError, needArguments } from '../gpu/index.ts';
import type { Shape, Tensor } from '../tensor/index.ts';
import type { Arena } from './arena.ts';
import { mismatchList, mismatchText } from './mismatches.ts';

/** Throws ArgumentError for what has no parameters to name. */
function needStateful(of: string, module: Stateful): void {
  needArguments(of, 'an object', { module });
  needArguments(of, 'an object', { 'module.arena': module.arena });
}

/** One entry: f32 values in torch's shape and layout. */
export interface StateTensor {
  shape: number[];
  data: Float32Array;
}

/** Tensors by name, as a map or an object. */
export type StateDict = ReadonlyMap<string, StateTensor> | Readonly<Record<string, StateTensor>>;

/** Where tensors lie, by name, as parts of one flat tensor: an Arena, or a copy of one. */
export type StateMemory = Pick<Arena, 'values' | 'tensors' | 'asTorch'>;

/** A module, or what has its parameters and buffers, as an average of one has (see Ema). */
export interface Stateful {
  readonly arena: StateMemory;
  readonly bufferArena?: StateMemory;
}

/** A state dict that does not fit its network: the message names the tensors, `details` all of them where they are many. */
export class StateDictError extends AstroError {
  /** `wrong` are phrases of stateDictMismatches(), `more` goes behind them. */
  static of(wrong: readonly string[], more = ''): StateDictError {
    return new StateDictError(`${mismatchText(wrong)}${more}`).listing(mismatchList(wrong));
  }
}

/** How a parameter is stored. A Parameter says it, before it has memory, too. */
export interface Stored {
  shape: Shape;
  asTorch: boolean;
}

/** Stored kh×kw×A×B (or A×B) to torch's B×A×kh×kw (or B×A), and back. For a convolution A = Cin and B = Cout, for a transposed one the reverse. */
function permute({ shape, asTorch }: Stored, values: Float32Array, toTorch: boolean): StateTensor {
  if (asTorch || (shape.length !== 2 && shape.length !== 4)) return { shape: [...shape], data: values };
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

/** The shape of a parameter or buffer as torch has it. */
export function torchShape({ shape, asTorch }: Stored): number[] {
  if (asTorch) return [...shape];
  if (shape.length === 4) return [shape[3], shape[2], shape[0], shape[1]];
  return shape.length === 2 ? [shape[1], shape[0]] : [...shape];
}

const shapeText = (shape: readonly number[]): string => (shape.length > 0 ? shape.join('×') : 'a single value');

/**
 * Parameters and buffers of a module, or of an average of one (see Ema), by torch's names, in torch's layout (OIHW, linear weights Cout×Cin). One readback for each
 * arena. Throws AstroError before module.to(gpu).
 */
export async function stateDict(module: Stateful): Promise<Map<string, StateTensor>> {
  needStateful('stateDict', module);
  const dict = new Map<string, StateTensor>();
  for (const arena of [module.arena, module.bufferArena]) {
    if (!arena) continue;
    const all = await arena.values.floats();
    const start = arena.values.slice.offset;
    for (const [name, tensor] of arena.tensors) {
      const at = (tensor.slice.offset - start) / 4;
      dict.set(
        name,
        permute({ shape: tensor.shape, asTorch: arena.asTorch.has(name) }, all.slice(at, at + tensor.size), true),
      );
    }
  }
  return dict;
}

function wantedBy({ arena, bufferArena }: Stateful): Map<string, Stored & { tensor: Tensor }> {
  const of = ({ tensors, asTorch }: StateMemory) =>
    [...tensors].map(([name, tensor]) => [name, { tensor, shape: tensor.shape, asTorch: asTorch.has(name) }] as const);
  return new Map([...of(arena), ...(bufferArena ? of(bufferArena) : [])]);
}

/** Entries whose layer joins its name to its parameter's, as torch's attention does, by the names that are wanted where these are layers of their own: `in_proj.weight` for `in_proj_weight`. Of a dict with both, each keeps its own. */
export function namedAs<T>(
  wanted: Pick<ReadonlySet<string>, 'has'>,
  dict: ReadonlyMap<string, T>,
): ReadonlyMap<string, T> {
  needArguments('namedAs', Map, { dict });
  needArguments('namedAs', 'an object', { wanted });
  return new Map(
    [...dict].map(([name, value]) => {
      const apart = name.replace(/_(weight|bias)$/, '.$1');
      return [!wanted.has(name) && wanted.has(apart) && !dict.has(apart) ? apart : name, value];
    }),
  );
}

/** Is it an entry that nothing here reads, the number of batches that one of torch's norms has seen? */
export const isIgnored = (name: string): boolean => name.endsWith('num_batches_tracked');

/** What is wrong with a state dict in torch layout for parameters and buffers by name, one phrase for each tensor; names in `except` are neither needed nor looked at. */
export function stateDictMismatches(
  wanted: ReadonlyMap<string, Stored>,
  dict: ReadonlyMap<string, Pick<StateTensor, 'shape'>>,
  except: ReadonlySet<string> = new Set(),
): string[] {
  needArguments('stateDictMismatches', Map, { wanted, dict });
  const wrong: string[] = [];
  for (const [name, stored] of wanted) {
    if (except.has(name)) continue;
    const given = dict.get(name);
    if (!given) wrong.push(`${name} is missing`);
    else if (given.shape.join() !== torchShape(stored).join())
      wrong.push(`${name} is ${shapeText(given.shape)}, the network has ${shapeText(torchShape(stored))}`);
  }
  for (const name of dict.keys())
    if (!wanted.has(name) && !except.has(name) && !isIgnored(name)) wrong.push(`${name} is not in the network`);
  return wrong;
}

/**
 * Fills a network from a state dict in torch layout; tensors named in `except` keep their values. Throws StateDictError that lists what is missing, left over
 * or of another shape, and then has changed nothing.
 */
export function loadStateDict(module: Stateful, dict: StateDict, except: ReadonlySet<string> = new Set()): void {
  needStateful('loadStateDict', module);
  needArguments('loadStateDict', 'an object', { dict });
  const wanted = wantedBy(module);
  const all = dict instanceof Map ? (dict as ReadonlyMap<string, StateTensor>) : new Map(Object.entries(dict));
  const given = namedAs(wanted, all);
  const wrong = stateDictMismatches(wanted, given, except);
  for (const [name, { data }] of given)
    if (!except.has(name) && !isIgnored(name) && !(data instanceof Float32Array))
      wrong.push(`${name} is not in a Float32Array, as loadSafetensors() gives it`);
  if (wrong.length > 0) throw StateDictError.of(wrong);
  for (const [name, stored] of wanted)
    if (!except.has(name)) stored.tensor.set(permute(stored, given.get(name)!.data, false).data);
}

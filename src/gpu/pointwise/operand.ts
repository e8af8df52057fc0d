// What a kernel reads as an expression of other operands: the values that an elementwise kernel would have written for it are computed where they are read.
import { type KernelCall, type Operand, params } from '../kernel/kernel.ts';
import type { Slice } from '../kernel/memory.ts';
import { addShader } from '../kernel/shaders.ts';
import { declarationsFor } from './library.ts';
import { elementsOf, labelOf, operandElements, type Pointwise, STORED_BYTES } from './pointwise.ts';
import {
  ELEMENT,
  load,
  opaqueFunctions,
  placeFunction,
  placesBy,
  readingOf,
  stepLines,
  VECTOR,
  Words,
} from './source.ts';

/** The call whose first binding is computed: by the steps of `chain`, merged, whose one result lies there. */
export function withOperand(call: KernelCall, { include, stored, reads }: Operand, chain: Pointwise): KernelCall {
  const [replaced, ...others] = call.bindings;
  const [first, ...behind] = chain.operands.map(({ slice }) => slice);
  const words = new Words('params.words');
  const code = codeOf(chain, call.bindings.length + 1, words);
  const more = new Uint32Array(params(...words.list));
  const half = /\bH\b/.test(code) || chain.operands.some((operand) => operand.stored === 'f16');
  const read = chain.operands.reduce((sum, one) => sum + operandElements(chain, one) * STORED_BYTES[one.stored], 0);
  const elements = elementsOf(chain);
  return {
    ...call,
    operand: undefined,
    types: { ...call.types, F: 'vec4f', B: 'vec4u', ...(half && { H: 'vec4h' }) },
    includes: {
      ...call.includes,
      [include]: nameOf('operand', code),
      'gpu/words': nameOf('words', `  words: array<vec4u, ${more.length / 4}>,`),
    },
    // Where a kernel wants nothing it binds its operand.
    bindings: [first, ...others.map((slice) => (isSame(slice, replaced) ? first : slice))],
    behind,
    params: Uint32Array.from([...new Uint32Array(call.params!), ...more]).buffer,
    cost: call.cost && {
      ...call.cost,
      flops: call.cost.flops + elements * reads * chain.steps.length,
      bytes: call.cost.bytes - elements * STORED_BYTES[stored] + read,
    },
    label: `${labelOf(chain)}+${call.label ?? call.shader}`,
  };
}

const isSame = (a: Slice, b: Slice): boolean => a.buffer === b.buffer && a.offset === b.offset;

/** What an include of an operand declares; operands but the first are bound from `next` on. */
function codeOf(chain: Pointwise, next: number, words: Words): string {
  const functions = opaqueFunctions(chain, words.add(0));
  const lists: string[] = [];
  const lines: string[] = [];
  chain.operands.forEach((operand, i) => {
    const reading = readingOf(chain, operand);
    const type = (reading === 'whole' || reading === 'vector' ? VECTOR : ELEMENT)[operand.stored];
    lists.push(`@group(0) @binding(${i === 0 ? 0 : next + i - 1}) var<storage, read> x${i}: array<${type}>;`);
    let places = reading === 'whole' ? 'i' : '0u';
    if (reading === 'vector' || reading === 'element') {
      functions.push(placeFunction(`place${i}`, chain, operand, 4, words));
      places = placesBy(`place${i}`, reading) as string;
    }
    lines.push(`let a${i} = ${load(`x${i}`, reading, places, operand.stored)};`);
  });
  const before: string[] = [];
  lines.push(...stepLines(chain, words, before));
  return `${declarationsFor(chain.steps.map(({ code }) => code))}
${[...lists, ...functions].join('\n')}
fn value(i: u32) -> vec4f {
  ${[...before, ...lines].join('\n  ')}
  return t${chain.results[0].step};
}
fn value_at(i: u32) -> vec4f { return vec4f(value(i >> 2u)[i & 3u]); }`;
}

/** Sources by their text, so that one kernel serves all calls of a kind. */
const names = new Map<string, string>();

function nameOf(kind: string, code: string): string {
  let name = names.get(code);
  if (!name) {
    name = `pointwise/${kind}${names.size}`;
    names.set(code, name);
    addShader(name, code);
  }
  return name;
}

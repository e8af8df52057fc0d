// From a pointwise kernel to the call that runs it: sources are kept by their text, so that one kernel serves all calls of a kind.

import type { Machine } from '../device/machine.ts';
import { chunkGrid } from '../kernel/chunk-grid.ts';
import type { KernelCall } from '../kernel/kernel.ts';
import { addShader } from '../kernel/shaders.ts';
import { elementsOf, labelOf, merged, operandElements, type Pointwise, STORED_BYTES } from './pointwise.ts';
import { pointwiseSource } from './source.ts';

const names = new Map<string, string>();

/** The kernel call of a pointwise kernel on a machine. */
export function pointwiseCall(given: Pointwise, machine: Machine): KernelCall {
  const call = merged(given);
  const { code, slices, params } = pointwiseSource(call, machine.elementwise.chunk.group);
  let shader = names.get(code);
  if (!shader) {
    shader = `pointwise/${names.size}`;
    names.set(code, shader);
    addShader(shader, code);
  }
  const elements = elementsOf(call);
  const read = call.operands.reduce(
    (sum, operand) => sum + operandElements(call, operand) * STORED_BYTES[operand.stored],
    0,
  );
  const written = call.results.reduce((sum, { stored }) => sum + elements * STORED_BYTES[stored], 0);
  const half = [...call.operands, ...call.results].some(({ stored }) => stored === 'f16') || /\bH\b/.test(code);
  return {
    shader,
    types: { F: 'vec4f', B: 'vec4u', ...(half && { H: 'vec4h' }) },
    bindings: slices,
    params,
    ...chunkGrid(machine, Math.ceil(elements / 4)),
    cost: { flops: elements * call.steps.length, bytes: read + written },
    label: labelOf(call),
    detail: call.detail,
  };
}

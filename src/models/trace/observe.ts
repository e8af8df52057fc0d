// One run of a module, as the list of its ops: what can be known of a module whose forward pass is a program and no graph.
import type { Module } from '../../nn/index.ts';
import { type OpDetails, scope, type Tensor, traceOps } from '../../tensor/index.ts';

/** An op that ran. */
export interface SeenOp {
  op: string;
  output: Tensor;
  inputs: readonly Tensor[];
  details: OpDetails;
}

/** A run, and whose tensors its ops read. */
export interface Seen<T> {
  ops: readonly SeenOp[];
  result: T;
  /** The name of the parameter or buffer of the module that a tensor is, as it is or cast. */
  parameter(tensor: Tensor): string | undefined;
  /** The parameter that a tensor is made of alone: a part of it, or another form. */
  origin(tensor: Tensor): string | undefined;
}

/** Runs `fn`, hands what was seen to `use`, and releases all tensors that were made. */
export function observe<T, R>(module: Module, fn: () => T, use: (seen: Seen<T>) => R): R {
  return scope(() => {
    const names = new Map<Tensor, string>();
    for (const [name, { tensor }] of [...module.namedParameters(), ...module.namedBuffers()]) names.set(tensor, name);
    const origins = new Map(names);
    const ops: SeenOp[] = [];
    const result = traceOps((op, output, inputs, details) => {
      ops.push({ op, output, inputs: [...inputs], details });
      if (inputs.length !== 1) return;
      const [own, made] = [names.get(inputs[0]), origins.get(inputs[0])];
      if (own !== undefined && op === 'cast') names.set(output, own);
      if (made !== undefined) origins.set(output, made);
    }, fn);
    return use({ ops, result, parameter: (tensor) => names.get(tensor), origin: (tensor) => origins.get(tensor) });
  });
}

/** The layer whose weight has a name: `block.conv` of `block.conv.weight`, `block.in_proj` of `block.in_proj_weight`. */
export const layerOf = (weight: string): string => weight.replace(/[._]weight$/, '');

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
  /** The name of a parameter or buffer of the module that a tensor is, or is another form of (cast, reshaped). */
  parameter(tensor: Tensor): string | undefined;
}

/** Runs `fn`, hands what was seen to `use`, and releases all tensors that were made. */
export function observe<T, R>(module: Module, fn: () => T, use: (seen: Seen<T>) => R): R {
  return scope(() => {
    const names = new Map<Tensor, string>();
    for (const [name, { tensor }] of [...module.namedParameters(), ...module.namedBuffers()]) names.set(tensor, name);
    const ops: SeenOp[] = [];
    const result = traceOps((op, output, inputs, details) => {
      ops.push({ op, output, inputs: [...inputs], details });
      const own = names.get(inputs[0]);
      if (own !== undefined && (op === 'cast' || op === 'reshape')) names.set(output, own);
    }, fn);
    return use({ ops, result, parameter: (tensor) => names.get(tensor) });
  });
}

/** The layer that a parameter's name says: what stands before its last part. */
export const layerOf = (parameter: string): string => parameter.slice(0, Math.max(0, parameter.lastIndexOf('.')));

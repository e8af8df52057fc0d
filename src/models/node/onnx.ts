// How a kind of node writes itself as ONNX: the few words of the exporter (src/export/onnx) that kinds need, which stand below it.

/** A whole number, a list of them, or, as `float`, a number. */
export type OnnxAttribute = number | readonly number[] | { float: number };

/** Mean and standard deviation of each channel of pixels from 0 to 1. */
export interface PixelScale {
  mean: readonly number[];
  std: readonly number[];
}

/** Where a kind of node writes its ONNX operators and constants. */
export interface OnnxWriter {
  /** Adds an operator on values by their names, and returns the name of its result. */
  op(op: string, inputs: readonly string[], attributes?: Readonly<Record<string, OnnxAttribute>>): string;
  /** A tensor of the state dict, in torch layout. Throws ExportError where there is none of that shape. */
  tensor(name: string, shape: readonly number[]): Float32Array;
  /** Puts a constant into the file and returns its name. Throws ExportError where another value has that name. */
  constant(name: string, shape: readonly number[], data: Float32Array): string;
  /** The shape of a constant with a number for each channel that goes with the node's value: channels, then 1 for each axis behind them. */
  channelShape(channels: number): readonly number[];
  /** Positions of the node's value: maps are N×C×H×W in the file, all others have their channels last. */
  extent: readonly number[];
  /** Of each value that it reads. */
  given: readonly (readonly number[])[];
  /** `made` of a value of that extent with its channels last, and the result as values of the file are. */
  channelsLast(value: string, made: (value: string) => string): string;
  /** What images are normalized by in the file. */
  scale?: PixelScale;
}

/**
 * Export's public face: networks as files for other tools.
 * @module astrogpu/export
 */

export { ExportError } from './errors.ts';
export { needFiniteDict } from './finite.ts';
export { type OnnxOptions, toOnnx } from './onnx/onnx.ts';
export { writeOnnx } from './onnx/onnx-file.ts';

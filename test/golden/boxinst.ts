// Values that AdelaiDet's code computed for BoxInst's parts (boxinst/*.json, each with a note of what it holds): tensors in torch's layouts, f32 as base64 of little-endian bytes.
import { readFileSync } from 'node:fs';

export interface Packed {
  shape: number[];
  f32: string;
}

export const unpacked = ({ f32 }: Packed): Float32Array =>
  new Float32Array(Uint8Array.from(Buffer.from(f32, 'base64')).buffer);

export interface AlignedBilinearValues {
  input: Packed;
  by2: Packed;
  by4: Packed;
}

export interface DynamicHeadValues {
  features: Packed;
  parameters: Packed;
  /** Of each instance. */
  locations: Packed;
  levels: number[];
  images: number[];
  logits: Packed;
  /** What the logits' sum is weighted by. */
  weight: Packed;
  gradFeatures: Packed;
  gradParameters: Packed;
}

export interface BoxInstLossValues {
  boxes: [x0: number, y0: number, x1: number, y1: number][];
  similarity: Packed;
  boxMasks: Packed;
  logits: Packed;
  projection: number;
  gradProjection: Packed;
  pairwise: number;
  gradPairwise: Packed;
}

interface BoxInstValues {
  'aligned-bilinear': AlignedBilinearValues;
  'dynamic-head': DynamicHeadValues;
  losses: BoxInstLossValues;
}

export const loadBoxInst = <K extends keyof BoxInstValues>(name: K): BoxInstValues[K] =>
  JSON.parse(readFileSync(new URL(`./boxinst/${name}.json`, import.meta.url), 'utf8')) as BoxInstValues[K];

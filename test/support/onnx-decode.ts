// What is in an ONNX file, read without the code that writes it.
import { PbfReader } from 'pbf';

export interface DecodedOnnx {
  irVersion: number;
  opset: number;
  name: string;
  metadata: Record<string, string>;
  nodes: { op: string; inputs: string[]; output: string; attributes: Record<string, number | number[]> }[];
  tensors: Record<string, { shape: number[]; data: Float32Array }>;
  /** Names and shapes of inputs and outputs. */
  values: Record<string, (number | string)[]>;
}

/** What a file holds, read by the field numbers of onnx.proto. */
export function decodeOnnx(bytes: Uint8Array): DecodedOnnx {
  const model: DecodedOnnx = { irVersion: 0, opset: 0, name: '', metadata: {}, nodes: [], tensors: {}, values: {} };
  new PbfReader(bytes).readFields((tag, into, pbf) => {
    if (tag === 1) into.irVersion = pbf.readVarint();
    else if (tag === 7) pbf.readMessage(readGraph, into);
    else if (tag === 8) pbf.readMessage((tag, into, pbf) => void (tag === 2 && (into.opset = pbf.readVarint())), into);
    else if (tag === 14) {
      const entry = pbf.readMessage((tag, entry, pbf) => void (entry[tag - 1] = pbf.readString()), ['', '']);
      into.metadata[entry[0]] = entry[1];
    }
  }, model);
  return model;
}

function readGraph(tag: number, model: DecodedOnnx, pbf: PbfReader): void {
  if (tag === 1) model.nodes.push(pbf.readMessage(readNode, { op: '', inputs: [], output: '', attributes: {} }));
  else if (tag === 2) model.name = pbf.readString();
  else if (tag === 5) {
    const { name, ...rest } = pbf.readMessage(readTensor, { name: '', shape: [], data: new Float32Array(0) });
    model.tensors[name] = rest;
  } else if (tag === 11 || tag === 12) {
    const { name, shape } = pbf.readMessage(readValue, { name: '', shape: [] });
    model.values[name] = shape;
  }
}

function readNode(tag: number, node: DecodedOnnx['nodes'][number], pbf: PbfReader): void {
  if (tag === 1) node.inputs.push(pbf.readString());
  else if (tag === 2) node.output = pbf.readString();
  else if (tag === 4) node.op = pbf.readString();
  else if (tag === 5) {
    const { name, value, list } = pbf.readMessage(readAttribute, { name: '', value: 0, list: [] });
    node.attributes[name] = list.length > 0 ? list : value;
  }
}

function readAttribute(tag: number, attribute: { name: string; value: number; list: number[] }, pbf: PbfReader): void {
  if (tag === 1) attribute.name = pbf.readString();
  else if (tag === 2) attribute.value = pbf.readFloat();
  else if (tag === 3) attribute.value = pbf.readVarint();
  else if (tag === 8) attribute.list.push(pbf.readVarint());
}

function readTensor(tag: number, into: { name: string; shape: number[]; data: Float32Array }, pbf: PbfReader): void {
  if (tag === 1) into.shape.push(pbf.readVarint());
  else if (tag === 8) into.name = pbf.readString();
  else if (tag === 9) into.data = new Float32Array(pbf.readBytes().slice().buffer);
}

/** ValueInfoProto, and the messages down to its dimensions. */
function readValue(tag: number, value: { name: string; shape: (number | string)[] }, pbf: PbfReader): void {
  if (tag === 1) value.name = pbf.readString();
  else if (tag === 2) pbf.readMessage(readType, value.shape);
}

const readType = (tag: number, shape: (number | string)[], pbf: PbfReader): void =>
  void (tag === 1 && pbf.readMessage(readTensorType, shape));
const readTensorType = (tag: number, shape: (number | string)[], pbf: PbfReader): void =>
  void (tag === 2 && pbf.readMessage(readDimensions, shape));
const readDimensions = (tag: number, shape: (number | string)[], pbf: PbfReader): void =>
  void (tag === 1 && pbf.readMessage(readDimension, shape));
const readDimension = (tag: number, shape: (number | string)[], pbf: PbfReader): void =>
  void shape.push(tag === 1 ? pbf.readVarint() : pbf.readString());

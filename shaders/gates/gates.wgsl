// Include, no kernel: the weights and their gates p, bindings 0 and 1, and which weights a gate owns. The layers of a network stand in a table of the uniform; a workgroup of 64 serves one layer, a thread one
// gate and all its weights. Threads side by side own weights side by side, unless a gate is a whole row. Constants: ROWS, room in the table.
// Grid: launchGates (src/ops/gates/gates.ts).
struct Layer {
  first_group: u32,
  kind: u32, // 0: a gate for each (output, input) pair, [outputs, inputs]; 1: for each output; 2: for each input
  gates: u32, // where its gates, weights and results begin
  weights: u32,
  results: u32,
  others: u32,
  depth: u32, // kernel height × width
  inputs: u32,
  outputs: u32,
  unused0: u32,
  unused1: u32,
  unused2: u32,
}
@group(0) @binding(0) var<storage, read> weight: array<f32>;
@group(0) @binding(1) var<storage, read> p: array<f32>;
struct Params { layers: u32, unused0: u32, unused1: u32, unused2: u32, table: array<Layer, ROWS> }

// The gate, and its weights: `pairs` of them in steps of `step` from `first`, each `layer.depth` deep in steps of `level`. No pairs: no gate.
struct Owned { layer: Layer, gate: u32, first: u32, pairs: u32, step: u32, level: u32 }

fn owned(group: u32, lane: u32) -> Owned {
  var row = 0u;
  while (row + 1u < params.layers && params.table[row + 1u].first_group <= group) { row++; }
  let l = params.table[row];
  let q = (group - l.first_group) * 64u + lane;
  let level = l.inputs * l.outputs;
  if (l.kind == 0u) { return Owned(l, q % l.outputs * l.inputs + q / l.outputs, q, select(0u, 1u, q < level), 0u, level); }
  if (l.kind == 1u) { return Owned(l, q, q, select(0u, l.inputs, q < l.outputs), l.outputs, level); }
  return Owned(l, q, q * l.outputs, select(0u, l.outputs, q < l.inputs), 1u, level);
}

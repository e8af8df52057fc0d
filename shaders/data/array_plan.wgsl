// Which items make up this batch, a thread an item: the draw counter says which batch of which epoch it is, so replays go on by themselves. `fresh` is 0 for an
// item that only fills up the last batch of an epoch. Grid: x batch / 64.
// variant: {"constants": {"SHUFFLED": true}}
// variant: {"constants": {"SHUFFLED": false}}
// include data/shuffle
struct Params { batch: u32, seed: u32, count: u32, batches: u32 }
@group(0) @binding(0) var<storage, read> items: array<u32>;
@group(0) @binding(1) var<storage, read> draws: array<u32>;
@group(0) @binding(2) var<storage, read_write> plan: array<u32>;
@group(0) @binding(3) var<storage, read_write> fresh: array<f32>;
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.batch) { return; }
  let epoch = draws[0] / params.batches;
  let place = (draws[0] - epoch * params.batches) * params.batch + id.x;
  var at = place % params.count;
  if (SHUFFLED) { at = shuffled(at, params.count, params.seed, epoch); }
  plan[id.x] = items[at];
  fresh[id.x] = select(0.0, 1.0, place < params.count);
}

// The locations of each image that have an object, with how well they are scored: σ(largest logit) · σ(centerness). They come into `list` in whatever order, since
// shaders/detection/instance_order.wgsl makes the same of any; `counts`, zeros before, says how many there are. One location a thread. Grid: grid1d(images·locations / 64).
// variant: {"types": {"Logit": "f32", "Center": "f32"}}
// variant: {"types": {"Logit": "f16", "Center": "f16"}}
// include reduce/rank
// include detection/instance
@group(0) @binding(0) var<storage, read> logits: array<Logit>;
@group(0) @binding(1) var<storage, read> centerness: array<Center>;
@group(0) @binding(2) var<storage, read> objects: array<u32>;
@group(0) @binding(3) var<storage, read_write> counts: array<atomic<u32>>;
@group(0) @binding(4) var<storage, read_write> list: array<Instance>;
struct Params { images: u32, locations: u32, columns: u32 }
@group(0) @binding(5) var<uniform> params: Params;

fn sigmoid(v: f32) -> f32 { return 1.0 / (1.0 + exp(-clamp(v, -80.0, 80.0))); }

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.images * params.locations) { return; }
  let object = objects[i];
  if (object == NONE) { return; }
  let central = f32(centerness[i]);
  var best = 0.0;
  var rank = NO_RANK;
  for (var c = 0u; c < params.columns; c++) {
    let logit = f32(logits[i * params.columns + c]);
    if (rank_of(logit) > rank) {
      best = logit;
      rank = rank_of(logit);
    }
  }
  let missing = rank == NAN_RANK || rank_of(central) == NAN_RANK;
  let score = select(bitcast<u32>(sigmoid(best) * sigmoid(central)), 0x7fc00000u, missing);
  let image = i / params.locations;
  list[image * params.locations + atomicAdd(&counts[image], 1u)] = Instance(object, score, i % params.locations);
}

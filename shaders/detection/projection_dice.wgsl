// The projection loss of each instance (Tian et al. 2021, BoxInst, equation 1): of its rows' largest scores x against those of its box t, and of its columns', 1 − 2 Σ x·t / U,
// U = Σ x² + Σ t² + 1e-5; and how much it counts, 1, or 0 of what is none. For backward, of rows and of columns, what a score's slope is made of: 2/U and 4 Σ x·t / U².
// Constants: LANES (see reduce/row_lanes). Grid: grid1d(images · instances · LANES / 64).
// variant: {"constants": {"LANES": 1}, "types": {"X": "f32"}}
// variant: {"constants": {"LANES": 64}, "types": {"X": "f16"}}
// include detection/box_mask
// include reduce/row_lanes
struct Extreme { score: f32, at: u32 }
@group(0) @binding(3) var<storage, read> extremes: array<Extreme>;
@group(0) @binding(4) var<storage, read_write> losses: array<vec2f>;
@group(0) @binding(5) var<storage, read_write> slopes: array<vec4f>;
@group(0) @binding(6) var<uniform> maps: Maps;

// Σ x·t and Σ x² over a lane's lines of those that begin at `at`, t being 1 from first to end.
fn sums_of(lane: u32, at: u32, count: u32, first: u32, end: u32) -> vec2f {
  var sums = vec2f();
  for (var i = lane; i < count;) {
    var run = vec2f();
    for (let stop = min(count, i + RUN); i < stop; i += LANES) {
      let x = extremes[at + i].score;
      run += vec2f(select(0.0, x, i >= first && i < end), x * x);
    }
    sums += run;
  }
  return sums;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let place = row_of(wid.y * groups.x + wid.x, local);
  let instance = min(place, maps.count - 1u);
  let there = is_instance(instance);
  var box = vec4u();
  var sums = vec4f();
  if (there) {
    box = box_of(instance);
    let at = instance * (maps.height + maps.width);
    sums = vec4f(sums_of(local % LANES, at, maps.height, box.y, box.w), sums_of(local % LANES, at + maps.height, maps.width, box.x, box.z));
  }
  sums = vec4f(row_sum(local, sums.x), row_sum(local, sums.y), row_sum(local, sums.z), row_sum(local, sums.w));
  if (place >= maps.count || local % LANES != 0u) { return; }
  let inside = vec2f(box.wz - box.yx);
  let united = sums.yw + inside + 1e-5;
  let counts = select(0.0, 1.0, there);
  let dice = 2.0 * sums.xz / united;
  losses[instance] = vec2f(counts * (2.0 - dice.x - dice.y), counts);
  slopes[instance] = vec4f(2.0 / united, 2.0 * dice / united).xzyw;
}

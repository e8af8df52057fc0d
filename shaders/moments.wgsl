// Mean and sum of squared deviations of what each thread meets, for rows of V (vec4f or f32). A thread walks a row in steps of `threads`, a
// multiple of the channels' period, so all it meets is of the same channels. Deviations are taken from the first value met: sums cancel at
// most as far as the number of values, whatever their mean. Grid: x threads / 64, y and z rows (grid1d). partial: [row][mean, squares][threads].
// variant: {"types": {"V": "vec4f"}}
// variant: {"types": {"V": "f32"}}
struct Params { rows: u32, length: u32, threads: u32 }
@group(0) @binding(0) var<storage, read> x: array<V>;
@group(0) @binding(1) var<storage, read_write> partial: array<V>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let t = wid.x * 64u + lane;
  let row = wid.z * groups.y + wid.y;
  if (t >= params.threads || row >= params.rows) { return; }
  let end = (row + 1u) * params.length;
  let start = row * params.length + t;
  let origin = x[start];
  var sum = V(0);
  var squares = V(0);
  for (var i = start; i < end; i += params.threads) {
    let d = x[i] - origin;
    sum += d;
    squares += d * d;
  }
  let n = f32((params.length - 1u - t) / params.threads + 1u);
  let left = squares - sum * sum / n;
  let at = row * 2u * params.threads + t;
  partial[at] = origin + sum / n;
  partial[at + params.threads] = select(left, V(0), left < V(0));
}

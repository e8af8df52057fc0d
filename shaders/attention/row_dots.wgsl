// Σ y·dy of each row, behind the rows' lse in `sums`: what the gradient of each of its scores is taken from. One row a thread. Types: Elem. Grid: grid1d(rows / 64).
// variant: {"types": {"Elem": "f32"}}
// variant: {"types": {"Elem": "f16"}}
// include attention/params
@group(0) @binding(0) var<storage, read> y: array<Elem>;
@group(0) @binding(1) var<storage, read> dy: array<Elem>;
@group(0) @binding(2) var<storage, read_write> sums: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let p = params;
  let line = (wid.y * groups.x + wid.x) * 64u + local;
  let plane = line / p.rows;
  if (plane >= p.planes) { return; }
  let start = plane / p.heads * p.y.z + plane % p.heads * p.y.y + line % p.rows * p.y.x;
  var sum = 0.0;
  for (var d = start; d < start + p.depthV; d++) { sum += f32(y[d]) * f32(dy[d]); }
  sums[p.planes * p.rows + line] = sum;
}

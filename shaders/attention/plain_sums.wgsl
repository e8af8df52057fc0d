// Sums of tokens weighted by w [planes, rows, keys], an element a thread. `rows`: y[row] = Σ over keys of w[row, key]·x[key]; with COLUMNS the other way,
// y[key] = Σ over rows, and heads that share the key, of w[row, key]·x[row]. Both times `factor`.
// Constants: COLUMNS. Types: Elem. Grid: grid1d(elements of y / 64).
// variant: {"constants": {"COLUMNS": false}, "types": {"Elem": "f32"}}
// variant: {"constants": {"COLUMNS": true}, "types": {"Elem": "f16"}}
struct Params {
  rows: u32, keys: u32, heads: u32, group: u32,
  // Elements from one token, head and batch of x and of y to the next.
  x: vec3u, depth: u32,
  y: vec3u, count: u32, // elements of y
  factor: f32,
  x0: u32, y0: u32, // where both begin
}
@group(0) @binding(0) var<storage, read> w: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<Elem>;
@group(0) @binding(2) var<storage, read_write> y: array<Elem>;
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let p = params;
  let i = (wid.y * groups.x + wid.x) * 64u + local;
  if (i >= p.count) { return; }
  let d = i % p.depth;
  let line = i / p.depth;
  var sum = 0.0;
  if (COLUMNS) {
    let key = line % p.keys;
    let heads = p.heads / p.group;
    let head = line / p.keys % heads;
    let batch = line / p.keys / heads;
    for (var h = head * p.group; h < (head + 1u) * p.group; h++) {
      let at = (batch * p.heads + h) * p.rows * p.keys + key;
      let start = p.x0 + batch * p.x.z + h * p.x.y + d;
      var part = 0.0;
      for (var row = 0u; row < p.rows; row++) { part += w[at + row * p.keys] * f32(x[start + row * p.x.x]); }
      sum += part;
    }
    y[p.y0 + batch * p.y.z + head * p.y.y + key * p.y.x + d] = Elem(sum * p.factor);
    return;
  }
  let row = line % p.rows;
  let head = line / p.rows % p.heads;
  let batch = line / p.rows / p.heads;
  let start = p.x0 + batch * p.x.z + head / p.group * p.x.y + d;
  for (var key = 0u; key < p.keys; key++) { sum += w[line * p.keys + key] * f32(x[start + key * p.x.x]); }
  y[p.y0 + batch * p.y.z + head * p.y.y + row * p.y.x + d] = Elem(sum * p.factor);
}

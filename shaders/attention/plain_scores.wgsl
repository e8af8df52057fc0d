// Every score of an attention by itself, w[plane, row, key] = x[row]·z[key]·scale and what attention/extra makes of it, where a row does not see a key LOWEST; x and z
// are q and k, or dy and v. Also the gradient of the scores, from that of the powers: see attention/plain_weights. Types: Elem, Extra.
// Grid: grid1d(elements of w / 64).
// variant: {"types": {"Elem": "f32", "Extra": "f32"}}
// variant: {"types": {"Elem": "f16", "Extra": "f16"}}
// variant: {"types": {"Elem": "f32", "Extra": "u32"}}
// include attention/params
@group(0) @binding(0) var<storage, read> x: array<Elem>;
@group(0) @binding(1) var<storage, read> z: array<Elem>;
@group(0) @binding(2) var<storage, read> extra: array<Extra>;
@group(0) @binding(3) var<storage, read_write> w: array<f32>;
@group(0) @binding(4) var<uniform> params: Params;
const EXTRA = true;
const LOWEST = -0x1.fffffep+127f;
// include attention/extra

fn product(plane: u32, row: u32, key: u32, sx: vec3u, sz: vec3u, z0: u32, depth: u32) -> f32 {
  let p = params;
  let batch = plane / p.heads;
  let head = plane % p.heads;
  let atX = batch * sx.z + head * sx.y + row * sx.x;
  let atZ = z0 + batch * sz.z + head / p.group * sz.y + key * sz.x;
  var sum = 0.0;
  for (var d = 0u; d < depth; d++) { sum += f32(x[atX + d]) * f32(z[atZ + d]); }
  return sum;
}

@compute @workgroup_size(64)
fn scores(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let p = params;
  let i = (wid.y * groups.x + wid.x) * 64u + local;
  let line = i / p.keys;
  if (line >= p.planes * p.rows) { return; }
  let key = i % p.keys;
  let row = line % p.rows;
  let plane = line / p.rows;
  let score = product(plane, row, key, p.q, p.k, p.k0, p.depth) * p.scale;
  let seen = scored(vec4f(score), p.kind, p.extra, plane / p.heads, plane % p.heads, row, vec4u(key), p.keys).x;
  w[i] = select(seen, LOWEST, p.causal == 1u && key > row);
}

@compute @workgroup_size(64)
fn slopes(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let p = params;
  let i = (wid.y * groups.x + wid.x) * 64u + local;
  let line = i / p.keys;
  if (line >= p.planes * p.rows) { return; }
  w[i] = product(line / p.rows, line % p.rows, i % p.keys, p.y, p.v, p.v0, p.depthV);
}

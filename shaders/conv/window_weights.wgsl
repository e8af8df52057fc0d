// The weights of a window of src/ops/conv/kernels/window.ts as a dense matrix [taps, ci, co] in the window's order of taps, channels padded with zeros: what
// conv/tiled multiplies by. `depth` and `width` are the channels that the weight has. Grid: grid1d(elements / 64). Types: Elem, f32 or f16.
// variant: {"types": {"Elem": "f32"}}
// variant: {"types": {"Elem": "f16"}}
@group(0) @binding(0) var<storage, read> weight: array<Elem>;
@group(0) @binding(1) var<storage, read_write> dense: array<Elem>;
struct Params { taps: u32, ci: u32, co: u32, kw: u32, depth: u32, width: u32, w0: u32, wy: i32, wx: i32, wk: u32, wc: u32 }
@group(0) @binding(2) var<uniform> p: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= p.taps * p.ci * p.co) { return; }
  let o = i % p.co;
  let k = i / p.co % p.ci;
  let tap = i / p.co / p.ci;
  var value = Elem();
  if (k < p.depth && o < p.width) {
    let first = i32(p.w0) + i32(tap / p.kw) * p.wy + i32(tap % p.kw) * p.wx;
    value = weight[u32(first) + k * p.wk + o * p.wc];
  }
  dense[i] = value;
}

// Sets found[0] where a gradient is infinite or NaN. Bits are compared, since WGSL compilers may assume that such values do not occur. Places come in
// runs of `run`, of which the first used[run number] count: what lies behind them is undefined. Grid: x threads / 64; each thread walks in steps of `threads`.
struct Params { vectors: u32, threads: u32, run: u32 }
@group(0) @binding(0) var<storage, read> gradients: array<vec4u>;
@group(0) @binding(1) var<storage, read> used: array<u32>;
@group(0) @binding(2) var<storage, read_write> found: array<atomic<u32>>;
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.threads) { return; }
  var bad = false;
  for (var i = id.x; i < params.vectors; i += params.threads) {
    let run = 4u * i / params.run;
    let at = 4u * i - run * params.run + vec4u(0, 1, 2, 3);
    let counts = at < vec4u(used[run]);
    bad = bad | any(((gradients[i] & vec4u(0x7f800000u)) == vec4u(0x7f800000u)) & counts);
  }
  if (bad) { atomicStore(&found[0], 1u); }
}

// Looks at all gradients before they are used: sets found[0] where one is infinite or NaN, and with NORM leaves the sum of the squares of each workgroup, of the
// gradients without their loss scale. Bits are compared, since WGSL compilers may assume that such values do not occur. Places come in runs of `run`, of which the
// first used[run number] count: what lies behind them is undefined. Grid: x threads / 64; each thread walks in steps of `threads`.
// variant: {"constants": {"NORM": false}}
// variant: {"constants": {"NORM": true}}
struct Params { vectors: u32, threads: u32, run: u32 }
@group(0) @binding(0) var<storage, read> gradients: array<vec4f>;
@group(0) @binding(1) var<storage, read> used: array<u32>;
@group(0) @binding(2) var<storage, read> scaling: array<f32>;
@group(0) @binding(3) var<storage, read_write> found: array<atomic<u32>>;
@group(0) @binding(4) var<storage, read_write> squares: array<f32>;
@group(0) @binding(5) var<uniform> params: Params;

var<workgroup> cells: array<f32, 64>;
// A thread adds up in runs of so many vec4s, and runs of these: the error grows with the longest row of additions.
const LENGTH = 32u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let back = 1.0 / scaling[0];
  var bad = false;
  var total = 0.0;
  for (var i = id.x; i < params.vectors;) {
    var sum = 0.0;
    for (var k = 0u; k < LENGTH && i < params.vectors; k++) {
      let run = 4u * i / params.run;
      let at = 4u * i - run * params.run + vec4u(0, 1, 2, 3);
      let counts = at < vec4u(used[run]);
      let g = gradients[i];
      bad = bad | any(((bitcast<vec4u>(g) & vec4u(0x7f800000u)) == vec4u(0x7f800000u)) & counts);
      if (NORM) {
        let v = select(vec4f(0), back * g, counts);
        sum += dot(v, v);
      }
      i += params.threads;
    }
    total += sum;
  }
  if (bad) { atomicStore(&found[0], 1u); }
  if (!NORM) { return; }
  cells[lane] = total;
  for (var width = 32u; width > 0u; width >>= 1u) {
    workgroupBarrier();
    if (lane < width) { cells[lane] += cells[lane + width]; }
  }
  if (lane == 0u) { squares[wid.x] = cells[0]; }
}

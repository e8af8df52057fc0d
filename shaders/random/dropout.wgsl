// y = x · factor where a random number is p or more, else x · 0, four elements at a time: a number for each element or, with RUNS, for each `run` of them. Types: V,
// vec4f or vec4h. The numbers come from the key, so backward draws them again. Grid: see tensor/chunk.
// variant: {"constants": {"GROUP": 8, "RUNS": false}, "types": {"V": "vec4f"}}
// variant: {"constants": {"GROUP": 256, "RUNS": true}, "types": {"V": "vec4h"}}
// include tensor/random
// include tensor/chunk
struct Params { vectors: u32, seed: u32, stream: u32, run: u32, p: f32, factor: f32 }
@group(0) @binding(0) var<storage, read> key: array<u32>;
@group(0) @binding(1) var<storage, read> x: array<V>;
@group(0) @binding(2) var<storage, read_write> y: array<V>;
@group(0) @binding(3) var<uniform> params: Params;

fn number(run: u32) -> f32 {
  return random_unit(random_u32(params.seed, params.stream, key[0], run >> 2u))[run & 3u];
}

fn numbers(i: u32) -> vec4f {
  if (!RUNS) { return random_unit(random_u32(params.seed, params.stream, key[0], i)); }
  let runs = (4u * i + vec4u(0, 1, 2, 3)) / params.run;
  let first = number(runs.x);
  if (runs.x == runs.w) { return vec4f(first); }
  return vec4f(first, number(runs.y), number(runs.z), number(runs.w));
}

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(params.vectors, wid, groups, lane);
  for (var i = s.first; i < s.end; i += GROUP) {
    y[i] = V(vec4f(x[i]) * select(vec4f(0), vec4f(params.factor), numbers(i) >= vec4f(params.p)));
  }
}

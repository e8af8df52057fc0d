// Along the middle side of x [outer, n, inner], margins of what is inside: mirrored about the first and last value, which are not repeated, or those repeated.
// Backward adds up, for each value of x, its copies in order. Types: Elem, values side by side along inner, words forward and numbers backward; inner and counts are in
// Elems. Sum: as many f32, to add up in. Grid: grid1d(elements of the result / 64).
// variant: {"types": {"Elem": "vec4u", "Sum": "vec4f"}}
// variant: {"types": {"Elem": "f16", "Sum": "f32"}}
// variant: {"types": {"Elem": "vec4f", "Sum": "vec4f"}}
// variant: {"types": {"Elem": "vec2h", "Sum": "vec2f"}}
@group(0) @binding(0) var<storage, read> x: array<Elem>;
@group(0) @binding(1) var<storage, read_write> y: array<Elem>;
struct Params { n: u32, padded: u32, low: u32, inner: u32, count: u32, mirrored: u32 }
@group(0) @binding(2) var<uniform> params: Params;

// Of a place in the padded side, the place inside that it shows.
fn shown(at: u32) -> u32 {
  let there = i32(at) - i32(params.low);
  let last = i32(params.n) - 1;
  let mirrored = last - abs(last - abs(there));
  return u32(select(clamp(there, 0, last), mirrored, params.mirrored == 1u));
}

@compute @workgroup_size(64)
fn forward(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.count) { return; }
  let row = i / params.inner;
  let outer = row / params.padded;
  y[i] = x[(outer * params.n + shown(row - outer * params.padded)) * params.inner + i - row * params.inner];
}

// x is the gradient of the padded tensor, y that of the one inside.
@compute @workgroup_size(64)
fn backward(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.count) { return; }
  let row = i / params.inner;
  let outer = row / params.n;
  let place = row - outer * params.n;
  let first = outer * params.padded * params.inner + i - row * params.inner;
  // The margins show it in one place each when mirrored; repeated, the first and the last are shown in all of theirs.
  var sum = Sum();
  if (params.mirrored == 1u) {
    let middle = params.low + place;
    if (place > 0u && place <= params.low) { sum += Sum(x[first + (params.low - place) * params.inner]); }
    sum += Sum(x[first + middle * params.inner]);
    let beyond = params.low + 2u * (params.n - 1u) - place;
    if (place < params.n - 1u && beyond < params.padded) { sum += Sum(x[first + beyond * params.inner]); }
  } else {
    let begin = select(params.low + place, 0u, place == 0u);
    let end = select(params.low + place + 1u, params.padded, place == params.n - 1u);
    for (var at = begin; at < end;) {
      var run = Sum();
      for (let stop = min(end, at + 64u); at < stop; at++) { run += Sum(x[first + at * params.inner]); }
      sum += run;
    }
  }
  y[i] = Elem(sum);
}

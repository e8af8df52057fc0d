// Along the middle side of x [outer, n, inner], margins of what is inside: mirrored about the first and last value, which are not repeated, or those repeated.
// Backward adds up, for each value of x, its copies in order. Types: Elem, values side by side along inner, words forward and numbers backward; inner and counts are in
// Elems. Sum: as many f32, to add up in. Grid: chunkLaunch(gpu, elements of the result), see tensor/chunk.
// variant: {"constants": {"GROUP": 8}, "types": {"Elem": "vec4u", "Sum": "vec4f"}}
// variant: {"constants": {"GROUP": 8}, "types": {"Elem": "f16", "Sum": "f32"}}
// variant: {"constants": {"GROUP": 8}, "types": {"Elem": "vec4f", "Sum": "vec4f"}}
// variant: {"constants": {"GROUP": 256}, "types": {"Elem": "vec2h", "Sum": "vec2f"}}
// include tensor/chunk
// include tensor/grid_stride
@group(0) @binding(0) var<storage, read> x: array<Elem>;
@group(0) @binding(1) var<storage, read_write> y: array<Elem>;
struct Params {
  sides: vec4u, // 1 and those of the result
  jump: vec4u, // the position of element GROUP
  n: u32,
  padded: u32,
  low: u32,
  mirrored: u32,
  count: u32,
}
@group(0) @binding(2) var<uniform> params: Params;

// Of a place in the padded side, the place inside that it shows.
fn shown(at: u32) -> u32 {
  let there = i32(at) - i32(params.low);
  let last = i32(params.n) - 1;
  let mirrored = last - abs(last - abs(there));
  return u32(select(clamp(there, 0, last), mirrored, params.mirrored == 1u));
}

@compute @workgroup_size(GROUP)
fn forward(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(params.count, wid, groups, lane);
  var at = position_of(s.first, params.sides);
  for (var i = s.first; i < s.end; i += GROUP) {
    y[i] = x[(at.y * params.n + shown(at.z)) * params.sides.w + at.w];
    at = position_after(at, params.jump, params.sides);
  }
}

// What the copies of the value at `place` got, of which `first` is the beginning of the padded side. Mirrored, each margin shows it once at most; repeated, the first and
// the last are shown in all of theirs.
fn total(place: u32, first: u32) -> Sum {
  let inner = params.sides.w;
  let middle = params.low + place;
  var sum = Sum();
  if (params.mirrored == 1u) {
    if (place > 0u && place <= params.low) { sum += Sum(x[first + (params.low - place) * inner]); }
    sum += Sum(x[first + middle * inner]);
    let beyond = params.low + 2u * (params.n - 1u) - place;
    if (place < params.n - 1u && beyond < params.padded) { sum += Sum(x[first + beyond * inner]); }
    return sum;
  }
  let end = select(middle + 1u, params.padded, place == params.n - 1u);
  for (var at = select(middle, 0u, place == 0u); at < end;) {
    var run = Sum();
    for (let stop = min(end, at + 64u); at < stop; at++) { run += Sum(x[first + at * inner]); }
    sum += run;
  }
  return sum;
}

// x is the gradient of the padded tensor, y that of the one inside.
@compute @workgroup_size(GROUP)
fn backward(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(params.count, wid, groups, lane);
  var at = position_of(s.first, params.sides);
  for (var i = s.first; i < s.end; i += GROUP) {
    y[i] = Elem(total(at.z, at.y * params.padded * params.sides.w + at.w));
    at = position_after(at, params.jump, params.sides);
  }
}

// Merges sorted runs of pairs two by two, for each of A·B rows: `to` [A·B, runs / 2, wide] ← `from` [A·B, runs, keep]; of each merged run its first `wide` are kept.
// A thread makes STEP neighbors of a merged run: it finds by bisection how many of them come from the first run (Green, McColl & Bader, "GPU Merge Path", ICS 2012),
// and takes turns from there. Equal values: those of the first run go first. Constant: STEP. Grid: grid1d(A·B·(runs / 2)·(wide / STEP) / 64).
// variant: {"constants": {"STEP": 8}}
@group(0) @binding(0) var<storage, read> pairs: array<vec2u>;
@group(0) @binding(1) var<storage, read_write> merged: array<vec2u>;
struct Params {
  length: u32, // R
  run: u32, // values that a run was made of, the last one's may be fewer
  keep: u32,
  runs: u32,
  wide: u32,
  steps: u32, // threads of a merged run
  count: u32, // threads
}
@group(0) @binding(2) var<uniform> params: Params;

fn size_of(run: u32) -> u32 {
  let begin = run * params.run;
  return min(min(params.run, params.length - min(begin, params.length)), params.keep);
}
fn order_of(i: u32) -> i32 { return bitcast<i32>(pairs[i].x); }

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.count) { return; }
  let both = i / params.steps;
  let made = (params.runs + 1u) / 2u;
  let row = both / made;
  let run = 2u * (both - row * made);
  let first = (row * params.runs + run) * params.keep;
  let second = first + params.keep;
  let sizes = vec2u(size_of(run), size_of(run + 1u));
  let begin = (i - both * params.steps) * STEP;
  let end = min(begin + STEP, min(sizes.x + sizes.y, params.wide));
  if (begin >= end) { return; }
  var low = begin - min(begin, sizes.y);
  var high = min(begin, sizes.x);
  while (low < high) {
    let middle = (low + high) / 2u;
    if (order_of(first + middle) <= order_of(second + begin - 1u - middle)) { low = middle + 1u; } else { high = middle; }
  }
  var p = low;
  var q = begin - low;
  let target_ = both * params.wide;
  for (var at = begin; at < end; at++) {
    let one = pairs[first + min(p, sizes.x - 1u)];
    let other = pairs[select(first, second + min(q, sizes.y - 1u), sizes.y > 0u)];
    let takes = p < sizes.x && (q >= sizes.y || bitcast<i32>(one.x) <= bitcast<i32>(other.x));
    merged[target_ + at] = select(other, one, takes);
    p += select(0u, 1u, takes);
    q += select(1u, 0u, takes);
  }
}

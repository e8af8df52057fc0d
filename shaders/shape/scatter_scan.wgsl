// y[o, n] = Σ x[o, m] over the m with index[m] = n, in order, of x [outer, picks, width] and y [outer, rows, width]; with EACH, index [outer, picks, width] says it of every
// element by itself; with ADD, y gets the sum with what it holds. Every element looks through the whole index, so no atomics are needed: for short lists.
// Types: Elem, values side by side (one, with EACH), and as many f32 as Sum; width and counts are in Elems. Grid: grid1d(elements of y / 64).
// variant: {"constants": {"EACH": false, "ADD": false}, "types": {"Elem": "f32", "Sum": "f32"}}
// variant: {"constants": {"EACH": true, "ADD": true}, "types": {"Elem": "f16", "Sum": "f32"}}
// variant: {"constants": {"EACH": false, "ADD": true}, "types": {"Elem": "vec4f", "Sum": "vec4f"}}
@group(0) @binding(0) var<storage, read> index: array<u32>;
@group(0) @binding(1) var<storage, read> x: array<Elem>;
@group(0) @binding(2) var<storage, read_write> y: array<Elem>;
struct Params { rows: u32, picks: u32, width: u32, count: u32 }
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.count) { return; }
  let place = i / params.width;
  let outer = place / params.rows;
  let row = place - outer * params.rows;
  let first = outer * params.picks * params.width + i - place * params.width;
  var sum = Sum();
  for (var m = 0u; m < params.picks;) {
    var runs = Sum(); // by runs, and by runs of these: the error grows with the longest row of additions
    for (let last = min(params.picks, m + 4096u); m < last;) {
      var run = Sum();
      for (let stop = min(last, m + 64u); m < stop; m++) {
        let there = first + m * params.width;
        if (index[select(m, there, EACH)] == row) { run += Sum(x[there]); }
      }
      runs += run;
    }
    sum += runs;
  }
  if (ADD) { sum += Sum(y[i]); }
  y[i] = Elem(sum);
}

// dx[n] = Σ dy[m] over the m with index[m] = n, in order: every element of dx looks through the whole index, so no atomics are needed.
// Types: Elem, f32 or vec4f. Grid: grid1d(elements of dx / 64).
// variant: {"types": {"Elem": "f32"}}
// variant: {"types": {"Elem": "vec4f"}}
@group(0) @binding(0) var<storage, read> index: array<u32>;
@group(0) @binding(1) var<storage, read> dy: array<Elem>;
@group(0) @binding(2) var<storage, read_write> dx: array<Elem>;
struct Params { picks: u32, width: u32, count: u32 }
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.count) { return; }
  let row = i / params.width;
  let column = i - row * params.width;
  var sum = Elem(0);
  for (var m = 0u; m < params.picks;) {
    var runs = Elem(0); // by runs, and by runs of these: the error grows with the longest row of additions
    for (let last = min(params.picks, m + 4096u); m < last;) {
      var run = Elem(0);
      for (let stop = min(last, m + 64u); m < stop; m++) {
        if (index[m] == row) { run += dy[m * params.width + column]; }
      }
      runs += run;
    }
    sum += runs;
  }
  dx[i] = sum;
}

// Sums of everything before: a thread takes RUN values. `sums` gives what each run adds up to; when these are sums of what is before them in turn, `before` makes it of the
// values. Grid: grid1d(runs / 64).
// variant: {"constants": {"RUN": 64}}
@group(0) @binding(0) var<storage, read_write> values: array<u32>;
@group(0) @binding(1) var<storage, read_write> runs: array<u32>;
struct Params { count: u32, runs: u32 }
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn sums(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let run = (wid.y * groups.x + wid.x) * 64u + lane;
  if (run >= params.runs) { return; }
  var sum = 0u;
  for (var i = run * RUN; i < min(params.count, (run + 1u) * RUN); i++) { sum += values[i]; }
  runs[run] = sum;
}

@compute @workgroup_size(64)
fn before(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let run = (wid.y * groups.x + wid.x) * 64u + lane;
  if (run >= params.runs) { return; }
  var sum = select(runs[run], 0u, params.runs == 1u);
  for (var i = run * RUN; i < min(params.count, (run + 1u) * RUN); i++) {
    let value = values[i];
    values[i] = sum;
    sum += value;
  }
}

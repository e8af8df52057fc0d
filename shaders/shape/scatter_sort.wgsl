// Sorts pairs (target, place in a list) by target, six bits of it at a time from the lowest up. Every thread takes LENGTH pairs one after the other and counts in a column
// of its own, so that equals keep their order and no atomics are needed. Between tally and place, shape/prefix adds up the counts.
// Grid: grid1d(threads / 32).
// variant: {"constants": {"LENGTH": 128}}
@group(0) @binding(0) var<storage, read> given: array<vec2u>;
@group(0) @binding(1) var<storage, read_write> counts: array<u32>; // [64, threads]: for a digit, how many a thread has; then where it puts its first
@group(0) @binding(2) var<storage, read_write> sorted: array<vec2u>;
struct Params { count: u32, threads: u32, shift: u32 }
@group(0) @binding(3) var<uniform> params: Params;

const LANES = 32u;
const DIGITS = 64u;
var<workgroup> columns: array<u32, LANES * DIGITS>;

fn digit_of(pair: vec2u) -> u32 { return (pair.x >> params.shift) & (DIGITS - 1u); }

@compute @workgroup_size(LANES)
fn tally(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let thread = (wid.y * groups.x + wid.x) * LANES + lane;
  if (thread >= params.threads) { return; }
  let end = min(params.count, (thread + 1u) * LENGTH);
  for (var i = thread * LENGTH; i < end; i++) { columns[digit_of(given[i]) * LANES + lane]++; }
  for (var digit = 0u; digit < DIGITS; digit++) { counts[digit * params.threads + thread] = columns[digit * LANES + lane]; }
}

@compute @workgroup_size(LANES)
fn place(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let thread = (wid.y * groups.x + wid.x) * LANES + lane;
  if (thread >= params.threads) { return; }
  for (var digit = 0u; digit < DIGITS; digit++) { columns[digit * LANES + lane] = counts[digit * params.threads + thread]; }
  let end = min(params.count, (thread + 1u) * LENGTH);
  for (var i = thread * LENGTH; i < end; i++) {
    let pair = given[i];
    let column = digit_of(pair) * LANES + lane;
    sorted[columns[column]] = pair;
    columns[column]++;
  }
}

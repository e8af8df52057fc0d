// Takes what the numbers of one draw are keyed by: key ← counters[at], which then goes on by `by`. One thread.
struct Params { at: u32, by: u32 }
@group(0) @binding(0) var<storage, read_write> counters: array<u32>;
@group(0) @binding(1) var<storage, read_write> key: array<u32>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(1)
fn main() {
  let now = counters[params.at];
  key[0] = now;
  counters[params.at] = now + params.by;
}

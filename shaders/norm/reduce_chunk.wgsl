// Include: the entries of the kernels that add up what they meet in a chunk (norm/channel_chunk). Entry perThread: each of the `step` values of a step gives partial results of its own.
// Entry perWorkgroup (step ≤ GROUP): threads on the same channels join theirs, and `period` of them remain.
// The kernel defines Partial; accumulate(q, begin, end), what a thread makes; stage(lane, own), which puts that into workgroup memory; join_staged(own, other),
// `own` and what lane `other` staged; store(chunks, index, each, own), which writes it out.
@compute @workgroup_size(GROUP)
fn perThread(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let begin = wid.x * params.chunk;
  let end = min(begin + params.chunk, params.length);
  for (var q = lane; q < params.step; q += GROUP * BLOCKS) {
    var all = accumulate(q, begin, end);
    for (var k = 0u; k < BLOCKS; k++) {
      let offset = q + k * GROUP;
      if (offset < params.step) { store(groups.x, wid.x * params.step + offset, params.step, all[k]); }
    }
  }
}

@compute @workgroup_size(GROUP)
fn perWorkgroup(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let begin = wid.x * params.chunk;
  let end = select(0u, min(begin + params.chunk, params.length), lane < params.step);
  var own = accumulate(lane, begin, end)[0];
  stage(lane, own);
  for (var parts = params.step / params.period; parts > 1u; parts = (parts + 1u) / 2u) {
    workgroupBarrier();
    let other = lane + (parts + 1u) / 2u * params.period;
    if (other < parts * params.period) {
      own = join_staged(own, other);
      stage(lane, own);
    }
  }
  if (lane < params.period) { store(groups.x, wid.x * params.period + lane, params.period, own); }
}

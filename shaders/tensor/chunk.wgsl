// Include, no kernel: each workgroup takes one contiguous chunk of the elements, its GROUP threads side by side. Software adapters run few workgroups
// of one subgroup each best: relu on 8 MB, llvmpipe, 8.0 GB/s with 8 threads, 3.3-5.0 with 64, or when all threads stride through the whole.
// Grid: chunkLaunch(gpu, elements), which also gives GROUP.
struct Chunk { first: u32, end: u32 }
fn chunk(count: u32, wid: vec3u, groups: vec3u, lane: u32) -> Chunk {
  let length = (count / groups.x / GROUP + 1u) * GROUP;
  return Chunk(wid.x * length + lane, min(count, (wid.x + 1u) * length));
}

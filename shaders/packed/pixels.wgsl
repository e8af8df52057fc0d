// Include, no kernel: a workgroup of LANES takes a chunk of pixels, its lanes side by side on `width` elements of each, as many pixels at a time as fit.
// Starting a thread and dividing cost a software adapter more than an element does. Grid: pixelLaunch (src/ops/packed/pool2.ts), which also gives LANES.
struct PixelRange { element: u32, first: u32, end: u32, step: u32 }
fn pixel_range(pixels: u32, width: u32, group: u32, groups: u32, lane: u32) -> PixelRange {
  let chunk = (pixels + groups - 1u) / groups;
  let row = lane / width;
  let rows = LANES / width;
  let end = min(pixels, (group + 1u) * chunk);
  return PixelRange(lane - row * width, select(group * chunk + row, end, row >= rows), end, rows);
}

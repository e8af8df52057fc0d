// Include, no kernel: the patch of input under one position of a kernel as one line of taps · channels values, W in each lane, read where they lie. For
// inputs of few channels, which would be filled up to a block of channels a tap otherwise. Uses p.h, p.w, p.kh, p.kw, p.dh, p.dw, p.depth.
var<private> down: array<i32, W>;
var<private> right: array<i32, W>;
var<private> offset: array<i32, W>;

fn place_patch() {
  for (var i = 0; i < W; i++) {
    let r = lane * W + i;
    let tap = r / p.depth;
    let used = tap < p.kh * p.kw;
    // Below every image where the patch ends before the lane.
    down[i] = select(1 << 24, tap / p.kw * p.dh, used);
    right[i] = tap % p.kw * p.dw;
    offset[i] = select(0, (tap / p.kw * p.dh * p.w + right[i]) * p.depth + r % p.depth, used);
  }
}

/// The lane's part of the patch whose first tap lies at (iy, ix), zero outside of the image.
fn patch_at(image: i32, iy: i32, ix: i32) -> In {
  let base = ((image * p.h + iy) * p.w + ix) * p.depth;
  var v: In;
  for (var i = 0; i < W; i++) {
    let inside = u32(iy + down[i]) < u32(p.h) && u32(ix + right[i]) < u32(p.w);
    v[i] = select(0.0, f32(x[select(0, base + offset[i], inside)]), inside);
  }
  return v;
}

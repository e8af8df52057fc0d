// Include, no kernel: which inputs a pooling window holds, and which windows hold an input, along one axis. Needs `params: Window`.
struct Window { h: u32, w: u32, ho: u32, wo: u32, vectors: u32, kernel: u32, stride: u32, padding: u32, scale: f32, keep: u32 }

// Inputs [x, y) of window `o` on an axis of `size` inputs.
fn inputs(o: u32, size: u32) -> vec2u {
  let start = o * params.stride; // counted from the padding's edge
  return vec2u(max(start, params.padding) - params.padding, min(start + params.kernel - params.padding, size));
}

// Windows [x, y) that hold input `i` on an axis of `count` windows.
fn outputs(i: u32, count: u32) -> vec2u {
  let at = i + params.padding;
  let first = select(0u, (at - params.kernel) / params.stride + 1u, at >= params.kernel);
  return vec2u(first, min(at / params.stride + 1u, count));
}

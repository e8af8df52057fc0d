// Largest values of square windows, NHWC, V = four channels (vec4f, I = vec4u) or one (f32, u32), S how they are stored (V, vec4h or f16);
// padding never wins, NaN always does.
// forward: a = x, b = y, and with `keep` index = where in its window (row · kernel + column) the first largest value lies.
// backward: a = dy, b = dx, where each input gathers from the windows it won. Grid: x (width of b · vectors) / 64, y height of b, z images.
// variant: {"types": {"V": "vec4f", "I": "vec4u", "S": "vec4f"}}
// variant: {"types": {"V": "f32", "I": "u32", "S": "f32"}}
// variant: {"types": {"V": "f32", "I": "u32", "S": "f16"}}
// include pool/window
@group(0) @binding(0) var<storage, read> a: array<S>;
@group(0) @binding(1) var<storage, read_write> index: array<I>;
@group(0) @binding(2) var<storage, read_write> b: array<S>;
@group(0) @binding(3) var<uniform> params: Window;

@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.wo * params.vectors) { return; }
  let rows = inputs(id.y, params.h);
  let columns = inputs(id.x / params.vectors, params.w);
  let lane = id.x % params.vectors;
  let top = id.y * params.stride;
  let left = id.x / params.vectors * params.stride;
  var best = V(a[((id.z * params.h + rows.x) * params.w + columns.x) * params.vectors + lane]);
  var size = I(0u); // the largest magnitude so far, as bits: beyond an infinity's once there was a NaN, which a compiler may take comparisons not to meet
  var at = I((rows.x + params.padding - top) * params.kernel + columns.x + params.padding - left);
  for (var y = rows.x; y < rows.y; y++) {
    for (var x = columns.x; x < columns.y; x++) {
      let v = V(a[((id.z * params.h + y) * params.w + x) * params.vectors + lane]);
      let own = bitcast<I>(v) & I(0x7fffffffu);
      let better = ((v > best) & (size <= I(0x7f800000u))) | (own > I(0x7f800000u));
      size = max(size, own);
      best = select(best, v, better);
      at = select(at, I((y + params.padding - top) * params.kernel + x + params.padding - left), better);
    }
  }
  let o = (id.z * params.ho + id.y) * params.wo * params.vectors + id.x;
  b[o] = S(best);
  if (params.keep == 1u) { index[o] = at; }
}

@compute @workgroup_size(64)
fn backward(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.w * params.vectors) { return; }
  let rows = outputs(id.y, params.ho);
  let columns = outputs(id.x / params.vectors, params.wo);
  let lane = id.x % params.vectors;
  let row = id.y + params.padding;
  let column = id.x / params.vectors + params.padding;
  var sum = V(0);
  for (var y = rows.x; y < rows.y; y++) {
    for (var x = columns.x; x < columns.y; x++) {
      let o = ((id.z * params.ho + y) * params.wo + x) * params.vectors + lane;
      let here = I((row - y * params.stride) * params.kernel + column - x * params.stride);
      sum += select(V(0), V(a[o]), index[o] == here);
    }
  }
  b[(id.z * params.h + id.y) * params.w * params.vectors + id.x] = S(sum);
}

// Adds to the gradient of the logits what the projection loss gives it: at each row's and each column's first largest logit. A thread has one line; what is the largest of its
// row and of its column gets both from the row's. Grid: grid1d(images · instances · lines / 64).
// variant: {"types": {"X": "f32"}}
// variant: {"types": {"X": "f16"}}
// include detection/box_mask
struct Extreme { score: f32, at: u32 }
@group(0) @binding(3) var<storage, read> extremes: array<Extreme>;
@group(0) @binding(4) var<storage, read> slopes: array<vec4f>;
@group(0) @binding(5) var<storage, read> sums: array<f32>; // of the losses, of the instances that count
@group(0) @binding(6) var<storage, read> gradient: array<f32>;
@group(0) @binding(7) var<storage, read_write> dlogits: array<X>;
@group(0) @binding(8) var<uniform> maps: Maps;

// Of the logit at an extreme, inside the box or not. axis: the slopes of rows or of columns.
fn slope(extreme: Extreme, inside: bool, axis: vec2f) -> f32 {
  return (axis.y * extreme.score - select(0.0, axis.x, inside)) * extreme.score * (1.0 - extreme.score);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  let lines = maps.height + maps.width;
  let instance = i / lines;
  if (instance >= maps.count || !is_instance(instance)) { return; }
  let line = i - instance * lines;
  let row = line < maps.height;
  let own = extremes[i];
  let across = instance * lines + own.at + select(0u, maps.height, row);
  let other = extremes[across];
  let both = other.at == select(line - maps.height, line, row);
  if (!row && both) { return; }
  let box = box_of(instance);
  let y = select(own.at, line, row);
  let x = select(line - maps.height, own.at, row);
  let of_rows = slopes[instance].xy;
  let of_columns = slopes[instance].zw;
  let in_rows = y >= box.y && y < box.w;
  let in_columns = x >= box.x && x < box.z;
  var g = 0.0;
  if (row) { g = slope(own, in_rows, of_rows); } else { g = slope(own, in_columns, of_columns); }
  if (row && both) { g += slope(other, in_columns, of_columns); }
  let to = (instance * maps.height + y) * maps.width + x;
  dlogits[to] = X(f32(dlogits[to]) + g * gradient[0] / max(sums[1], 1.0));
}

// Of each row and each column of the logits of an instance the largest score (the sigmoid of the largest logit, NaN where there is one) and where in it the first such lies.
// Lines: an instance's rows, then its columns. Grid: grid1d(images · instances · lines / 64).
// variant: {"types": {"X": "f32"}}
// variant: {"types": {"X": "f16"}}
// include detection/box_mask
struct Extreme { score: f32, at: u32 }
@group(0) @binding(3) var<storage, read_write> extremes: array<Extreme>;
@group(0) @binding(4) var<uniform> maps: Maps;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  let lines = maps.height + maps.width;
  let instance = i / lines;
  if (instance >= maps.count || !is_instance(instance)) { return; }
  let line = i - instance * lines;
  let row = line < maps.height;
  let begin = instance * maps.height * maps.width + select(line - maps.height, line * maps.width, row);
  let step = select(maps.width, 1u, row);
  let length = select(maps.height, maps.width, row);
  var best = f32(logits[begin]);
  var size = bitcast<u32>(best) & 0x7fffffffu; // the largest so far, which tells NaN, as in pool/max
  var at = 0u;
  for (var k = 1u; k < length; k++) {
    let v = f32(logits[begin + k * step]);
    let own = bitcast<u32>(v) & 0x7fffffffu;
    if ((v > best && size <= 0x7f800000u) || own > 0x7f800000u) {
      best = v;
      at = k;
    }
    size = max(size, own);
  }
  extremes[i] = Extreme(select(1.0 / (1.0 + exp(-best)), best, size > 0x7f800000u), at);
}

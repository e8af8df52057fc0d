// Adds up what goes to the same target, given pairs (target, place in x) in order of targets: a thread takes one column of PIECE pairs. What begins and ends inside a piece
// is done and goes to y [outer, targets, width], or with ADD is added to what y holds. The first and the last target of a piece may go on beyond it, so their sums become
// two pairs for the next pass, which has PIECE / 2 times less; so every target is written once, by a tree that depends on the list alone.
// Types: From, values of x [outer, list, width] side by side, Elem as many of y and Sum as many f32; width is in Elems. Grid: grid1d(outer · pieces · width / 64).
// variant: {"constants": {"ADD": false, "PIECE": 32}, "types": {"From": "vec4f", "Elem": "vec4f", "Sum": "vec4f"}}
// variant: {"constants": {"ADD": true, "PIECE": 32}, "types": {"From": "f16", "Elem": "f16", "Sum": "f32"}}
// variant: {"constants": {"ADD": true, "PIECE": 32}, "types": {"From": "vec2f", "Elem": "vec2h", "Sum": "vec2f"}}
@group(0) @binding(0) var<storage, read> pairs: array<vec2u>;
@group(0) @binding(1) var<storage, read> x: array<From>;
@group(0) @binding(2) var<storage, read_write> y: array<Elem>;
@group(0) @binding(3) var<storage, read_write> next_pairs: array<vec2u>;
@group(0) @binding(4) var<storage, read_write> next_x: array<Sum>;
struct Params { list: u32, pairs: u32, targets: u32, width: u32, pieces: u32, count: u32 }
@group(0) @binding(5) var<uniform> params: Params;

fn finish(outer: u32, column: u32, place: u32, sum: Sum) {
  if (place >= params.targets) { return; }
  let i = (outer * params.targets + place) * params.width + column;
  if (ADD) { y[i] = Elem(Sum(y[i]) + sum); } else { y[i] = Elem(sum); }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let id = (wid.y * groups.x + wid.x) * 64u + lane;
  if (id >= params.count) { return; }
  let row = id / params.width;
  let column = id - row * params.width;
  let outer = row / params.pieces;
  let piece = row - outer * params.pieces;
  let first = piece * PIECE;
  let end = min(params.pairs, first + PIECE);
  let x_first = outer * params.list * params.width + column;
  var place = pairs[first].x;
  var sum = Sum();
  var head = Sum(); // of the first target, where it is not the last one, too
  var turned = false;
  for (var i = first; i < end; i++) {
    let pair = pairs[i];
    if (pair.x != place) {
      if (!turned && piece > 0u) { head = sum; } else { finish(outer, column, place, sum); }
      turned = true;
      place = pair.x;
      sum = Sum();
    }
    sum += Sum(x[x_first + pair.y * params.width]);
  }
  let more = piece + 1u < params.pieces;
  if (!more && (turned || piece == 0u)) {
    finish(outer, column, place, sum);
    sum = Sum();
  }
  if (params.pieces == 1u) { return; }
  // Where one of the two is not needed, it is a zero for the target of the other.
  let earliest = pairs[first].x;
  let kept = select(earliest, place, piece == 0u);
  let slot = 2u * (outer * params.pieces + piece) * params.width + column;
  next_x[slot] = head;
  next_x[slot + params.width] = sum;
  if (column == 0u && outer == 0u) {
    next_pairs[2u * piece] = vec2u(kept, 2u * piece);
    next_pairs[2u * piece + 1u] = vec2u(select(earliest, place, more), 2u * piece + 1u);
  }
}

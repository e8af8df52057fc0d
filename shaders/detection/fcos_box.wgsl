// Include, no kernel: two boxes around one location by their distances from it to the left, top, right and bottom. p is what is predicted, q what is true.

// How central in its box a location is, from 0 to 1.
fn centerness_of(q: vec4f) -> f32 {
  let near = min(q.xy, q.zw);
  let far = max(q.xy, q.zw);
  return sqrt((near.x / far.x) * (near.y / far.y));
}

fn sides_of(v: vec4f) -> vec2f { return v.xy + v.zw; }

// Areas: of what both have, of what either has, and of the least box around both.
struct Areas { both: f32, either: f32, hull: f32 }
fn areas_of(p: vec4f, q: vec4f) -> Areas {
  let inner = sides_of(min(p, q));
  let outer = sides_of(max(p, q));
  let both = inner.x * inner.y;
  let own = sides_of(p);
  let wanted = sides_of(q);
  return Areas(both, wanted.x * wanted.y + own.x * own.y - both, outer.x * outer.y);
}

// 1 − GIoU (Rezatofighi et al. 2019), with 1 added to both areas of the IoU.
fn giou_loss(p: vec4f, q: vec4f) -> f32 {
  let a = areas_of(p, q);
  return 1.0 - (a.both + 1.0) / (a.either + 1.0) + (a.hull - a.either) / a.hull;
}

// Its slopes in p. Where p and q are equal each has half of the minimum and half of the maximum.
fn giou_slope(p: vec4f, q: vec4f) -> vec4f {
  let a = areas_of(p, q);
  let least = select(select(vec4f(0), vec4f(0.5), p == q), vec4f(1), p < q);
  let both = least * sides_of(min(p, q)).yxyx;
  let either = sides_of(p).yxyx - both;
  let hull = (1.0 - least) * sides_of(max(p, q)).yxyx;
  return ((a.both + 1.0) / (a.either + 1.0) * either - both) / (a.either + 1.0) + (a.either / a.hull * hull - either) / a.hull;
}

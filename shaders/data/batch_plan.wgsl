// Which images make up this batch and how each is cropped and flipped, a thread an image: plan = (image, rows down, columns right, flip), the
// offsets counted from the padding's edge. The draw counter picks the batch of the epoch and keys the random numbers, so replays go on by
// themselves. Of a batch that comes in parts it makes one; those behind the first are of the draw before (`back`). Grid: x part / 64.
// include tensor/random
struct Params { batch: u32, seed: u32, stream: u32, pad: u32, flip: u32, begin: u32, size: u32, back: u32 }
@group(0) @binding(0) var<storage, read> order: array<u32>; // batches in an epoch, then the images
@group(0) @binding(1) var<storage, read> draws: array<u32>;
@group(0) @binding(2) var<storage, read> labels: array<u32>;
@group(0) @binding(3) var<storage, read_write> plan: array<vec4u>;
@group(0) @binding(4) var<storage, read_write> y: array<u32>;
@group(0) @binding(5) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.size) { return; }
  let b = params.begin + id.x;
  let draw = draws[0] - params.back;
  let image = order[1u + draw % order[0] * params.batch + b];
  let words = random_u32(params.seed, params.stream, draw, b);
  let span = 2u * params.pad + 1u;
  let flip = select(0u, words.z >> 31u, params.flip == 1u);
  plan[id.x] = vec4u(image, random_wide(words.x, span).x, random_wide(words.y, span).x, flip);
  y[id.x] = labels[image];
}

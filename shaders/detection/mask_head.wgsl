// Include, no kernel: CondInst's mask head (Tian, Shen and Chen 2020) at one position of an image for one of its instances: place relative to the instance's center and 16
// features, two layers of 8 with ReLU, one logit. An instance's 233 parameters, held while it is at hand, are the layers' weights, output by output, and then their biases. Layers are taken in blocks of
// four inputs by four outputs: a block's columns are what each output takes of the inputs, so that inputs · block are outputs, and block · gradient of outputs that of inputs.
// Types: X four features as they are stored (vec4f or vec4h), W a parameter (f32 or f16), Y a logit.
// include elementwise/floor
// include detection/mask_head_held
alias F = vec4f;
alias B = vec4u;
@group(0) @binding(0) var<storage, read> features: array<X>; // [images, height, width, 16]
@group(0) @binding(1) var<storage, read> parameters: array<W>; // [images, instances, 233]
@group(0) @binding(2) var<storage, read> centers: array<vec2f>; // x and y in pixels, of each instance
@group(0) @binding(3) var<storage, read> sizes: array<f32>;
struct Params {
  instances: u32, // of an image
  width: u32,
  positions: u32, // height · width
  share: u32, // of the positions, for a workgroup or a thread
  stride: f32,
  middle: f32, // of the first position, in pixels
  count: u32, // 233, which the compiler must not know where a loop over as many is to stay one
}

const COUNT = 233u;
const SECOND = 144u; // where the second layer's weights begin, the third's, and the biases
const THIRD = 208u;
const BIASES = 216u;

struct Input { near: vec2f, a: vec4f, b: vec4f, c: vec4f, d: vec4f }
struct Layer { a: vec4f, b: vec4f }

// An instance is one whose size is a positive number. By the bits: also NaN is none.
fn is_there(instance: u32) -> bool { return bitcast<u32>(sizes[instance]) - 1u < 0x7f7fffffu; }

fn input_of(image: u32, p: u32) -> Input {
  let at = (image * params.positions + p) * 4u;
  return Input(vec2f(), vec4f(features[at]), vec4f(features[at + 1u]), vec4f(features[at + 2u]), vec4f(features[at + 3u]));
}

// From a position to the center of an instance, in sizes of interest.
fn nearness(p: u32, instance: u32) -> vec2f {
  let place = vec2f(vec2u(p % params.width, p / params.width)) * params.stride + params.middle;
  return (centers[instance] - place) / sizes[instance];
}

fn two(at: u32) -> vec2f { return vec2f(weight(at), weight(at + 1u)); }
fn four(at: u32) -> vec4f { return vec4f(two(at), two(at + 2u)); }
fn narrow(at: u32, apart: u32) -> mat4x2f { return mat4x2f(two(at), two(at + apart), two(at + 2u * apart), two(at + 3u * apart)); }
fn block(at: u32, apart: u32) -> mat4x4f { return mat4x4f(four(at), four(at + apart), four(at + 2u * apart), four(at + 3u * apart)); }

// Four outputs of the first layer, from the one with the number `o` on.
fn first_of(x: Input, o: u32) -> vec4f {
  let w = o * 18u;
  let placed = x.near * narrow(w, 18u) + four(BIASES + o);
  return at_least(placed + x.a * block(w + 2u, 18u) + x.b * block(w + 6u, 18u) + x.c * block(w + 10u, 18u) + x.d * block(w + 14u, 18u), vec4f());
}
fn second_of(h: Layer, o: u32) -> vec4f {
  let w = SECOND + o * 8u;
  return at_least(h.a * block(w, 8u) + h.b * block(w + 4u, 8u) + four(BIASES + 8u + o), vec4f());
}
fn first_layer(x: Input) -> Layer { return Layer(first_of(x, 0u), first_of(x, 4u)); }
fn second_layer(h: Layer) -> Layer { return Layer(second_of(h, 0u), second_of(h, 4u)); }
fn logit_of(h: Layer) -> f32 {
  return dot(h.a, four(THIRD)) + dot(h.b, four(THIRD + 4u)) + weight(BIASES + 16u);
}

// The gradients of the outputs of the second layer, before its ReLU, for that of the logit, and of the first for these.
fn second_slopes(h: Layer, dy: f32) -> Layer {
  return Layer(select(vec4f(), dy * four(THIRD), h.a > vec4f()), select(vec4f(), dy * four(THIRD + 4u), h.b > vec4f()));
}
fn first_slopes(h: Layer, d: Layer) -> Layer {
  let a = block(SECOND, 8u) * d.a + block(SECOND + 32u, 8u) * d.b;
  let b = block(SECOND + 4u, 8u) * d.a + block(SECOND + 36u, 8u) * d.b;
  return Layer(select(vec4f(), a, h.a > vec4f()), select(vec4f(), b, h.b > vec4f()));
}

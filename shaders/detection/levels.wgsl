// Include, no kernel: levels of a pyramid, as params.levels has them, and where in the image a location lies. Locations are numbered level after level, row by row.
// Constants: LEVELS.
const NONE = 0xffffffffu;

struct Level {
  first: u32, // the number of its first location
  width: u32,
  stride: f32,
  shift: f32, // where the first location lies
  per: f32, // 1 / stride
  least: f32, // the range of sizes
  most: f32,
  usual: f32, // a size
}

fn level_of(location: u32) -> u32 {
  var level = 0u;
  for (var i = 1u; i < LEVELS; i++) {
    if (location >= params.levels[i].first) { level = i; }
  }
  return level;
}

// x and y, in pixels.
fn place_of(location: u32, level: u32) -> vec2f {
  let here = params.levels[level];
  let i = location - here.first;
  return vec2f(vec2u(i % here.width, i / here.width)) * here.stride + here.shift;
}

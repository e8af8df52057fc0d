// Include, no kernel: a location that has an object, and which of two comes first.
const NONE = 0xffffffffu;

struct Instance {
  object: u32,
  score: u32, // the bits of a number from 0 on, whose order is that of the numbers; NaN is the largest
  location: u32,
}

fn is_before(a: Instance, b: Instance) -> bool { return a.score > b.score || (a.score == b.score && a.location < b.location); }

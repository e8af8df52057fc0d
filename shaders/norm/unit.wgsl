// Include, no kernel: units, the values that share a mean and a deviation, and how lanes walk them. A unit of layerNorm is a row; one of groupNorm an image's channels
// of a group, which lie in strips, one a position. LANES lanes walk a unit, a value each in turn, GROUP / LANES units a workgroup.
// Constants: GROUP, LANES (powers of two); STRIPS: units are strips; ACROSS: neighboring threads take neighboring units, as strips that are short want it, else
// neighboring values of a unit. Types: S as stored, H as that reads, V as computed: a value, of one element or four.
// Grid: as many workgroups as fill the machine, or units / (GROUP / LANES); each takes units in turn.
struct Params {
  units: u32, length: u32, // values of a unit
  groups: u32, plane: u32, // units of an image, values of an image
  strip: u32, row: u32, // values of a strip, and from one strip to the next
  hop: u32, leap: u32, // what LANES values further are in a strip, LANES % strip, and in memory
  half: u32, // of LANES, where the compiler cannot see it: it unrolls the tree of norm/unit_sum, which costs seconds
  elements: f32, // of a unit, those that are not stored included
  zeros: f32, // that are not stored
  eps: f32,
}

const SHARE = GROUP / LANES;
const LANE_STEP = select(1u, u32(SHARE), ACROSS);
// Lanes add up in runs of so many values, and runs of these: the error grows with the longest row of additions.
const RUN = 64u * LANES;

struct Place { at: u32, offset: u32 } // in memory, and in the strip

fn lane_of(local: u32) -> u32 { return select(local % LANES, local / SHARE, ACROSS); }
fn unit_of(group: u32, local: u32) -> u32 { return group * SHARE + select(local / LANES, local % SHARE, ACROSS); }

fn place_of(unit: u32, lane: u32) -> Place {
  if (!STRIPS) { return Place(unit * params.length + lane, lane); }
  let image = unit / params.groups;
  let strip = lane / params.strip;
  let offset = lane - strip * params.strip;
  return Place(image * params.plane + (unit - image * params.groups) * params.strip + strip * params.row + offset, offset);
}

fn next(place: Place) -> Place {
  if (!STRIPS) { return Place(place.at + LANES, place.offset + LANES); }
  var to = Place(place.at + params.leap, place.offset + params.hop);
  if (to.offset >= params.strip) {
    to.at += params.row - params.strip;
    to.offset -= params.strip;
  }
  return to;
}

/// Of a unit's first channel, what a place's offset is added to.
fn channel_of(unit: u32) -> u32 {
  if (!STRIPS) { return 0u; }
  return unit % params.groups * params.strip;
}

/// The elements of a value, added up.
fn across(value: V) -> f32 {
  let four = vec4f(value);
  if (WIDTH == 1) { return four.x; }
  return (four.x + four.y) + (four.z + four.w);
}

// include norm/unit_sum

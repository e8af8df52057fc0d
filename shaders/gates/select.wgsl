// Include, no kernel: the order in which gates/select_* take elements. `order_of` grows with the value whose bits it is given: 0 and −0 are one, NaN the largest. Of equal values the larger tie comes first (with TIES), of
// these the first: the larger place is farther from the end. Values are read as bits, since WGSL compilers may assume that there is no NaN.
fn order_of(bits: u32) -> u32 {
  let size = bits & 0x7fffffffu;
  if (size > 0x7f800000u) { return 0xffffffffu; }
  return select(0x80000000u + size, 0x80000000u - size, bits > 0x80000000u);
}
// Of a range: value, tie and place (elements from there to the end) of the last element looked at, as far as their digits are found; what may still be spent, and 1 where that one fits, too.
struct Found { value: u32, tie: u32, place: u32, left: u32, fits: u32 }
// What a digit is of.
const VALUE = 0u;
const TIE = 1u;
const PLACE = 2u;

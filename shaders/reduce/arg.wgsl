// Include, no kernel: which value of several is the largest, or with the constant SMALLEST the smallest; the first of equals, and of NaN where there are some.
// include reduce/rank
struct Found { rank: vec4i, row: vec4u }

const NOWHERE = 0xffffffffu;

fn found_nothing() -> Found { return Found(vec4i(NO_RANK), vec4u(NOWHERE)); }
fn worth(values: vec4f) -> vec4i {
  let rank = ranks_of(values);
  if (SMALLEST) { return select(-rank, rank, rank == vec4i(NAN_RANK)); }
  return rank;
}
// Where `row` comes later than what was found.
fn found_later(p: Found, rank: vec4i, row: vec4u) -> Found {
  let better = rank > p.rank;
  return Found(select(p.rank, rank, better), select(p.row, row, better));
}
// In any order.
fn found_either(p: Found, q: Found) -> Found {
  let better = (q.rank > p.rank) | ((q.rank == p.rank) & (q.row < p.row));
  return Found(select(p.rank, q.rank, better), select(p.row, q.row, better));
}

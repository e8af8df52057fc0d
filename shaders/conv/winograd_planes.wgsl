// Include, no kernel: a row of transformed elements on its way into the planes of `data`, `step` apart.
alias Four = array<Vec, 4>;
alias Six = array<Vec, 6>;

fn put4(to: u32, step: u32, v: Four) {
  data[to] = v[0];
  data[to + step] = v[1];
  data[to + 2u * step] = v[2];
  data[to + 3u * step] = v[3];
}

fn put6(to: u32, step: u32, v: Six) {
  put4(to, step, Four(v[0], v[1], v[2], v[3]));
  data[to + 4u * step] = v[4];
  data[to + 5u * step] = v[5];
}

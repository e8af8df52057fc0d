// Include, no kernel: in place of shape/fill where Elem is one f16, whose bits are the lower half of `bits`.
fn fill_of(bits: u32) -> Elem { return bitcast<vec2<f16>>(bits).x; }

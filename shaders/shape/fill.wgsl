// Include, no kernel: an Elem of words that are all `bits`.
fn fill_of(bits: u32) -> Elem { return Elem(bits); }

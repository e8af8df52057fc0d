  // Include, no kernel: the rest of a kernel's main, `steps` steps along k, each multiplied while the next one is on its way from memory into registers, then the sums, a row of units
  // at a time. Text rather than a function, and units with names rather than indices, so that nothing sends them from registers to memory.
  var next_left: array<vec4u, LEFT_SLOTS>;
  var next_right: array<vec4u, RIGHT_SLOTS>;
  var sum00: Sum; var sum01: Sum; var sum02: Sum; var sum03: Sum;
  var sum10: Sum; var sum11: Sum; var sum12: Sum; var sum13: Sum;
  var sum20: Sum; var sum21: Sum; var sum22: Sum; var sum23: Sum;
  var sum30: Sum; var sum31: Sum; var sum32: Sum; var sum33: Sum;
  for (var step = 0u; step <= steps; step++) {
    if (step > 0u) {
      workgroupBarrier();
      for (var i = 0u; i < LEFT_SLOTS; i++) {
        let slot = thread + i * THREADS;
        staged[slot / LEFT_ROW * LEFT_STRIDE + slot % LEFT_ROW] = next_left[i];
      }
      for (var i = 0u; i < RIGHT_SLOTS; i++) {
        let slot = thread + i * THREADS;
        staged[LEFT_SIZE + slot / RIGHT_ROW * RIGHT_STRIDE + slot % RIGHT_ROW] = next_right[i];
      }
      workgroupBarrier();
    }
    if (step < steps) {
      aim(step);
      for (var i = 0u; i < LEFT_SLOTS; i++) { next_left[i] = left_slot(i); }
      for (var i = 0u; i < RIGHT_SLOTS; i++) { next_right[i] = right_slot(i); }
    }
    if (step > 0u) {
      for (var k = 0u; k < BK; k += K) {
        var left: Left;
        var right0: Right;
        var right1: Right;
        var right2: Right;
        var right3: Right;
        load_right(&right0, right_at(0u, k));
        if (UN > 1) { load_right(&right1, right_at(1u, k)); }
        if (UN > 2) { load_right(&right2, right_at(2u, k)); }
        if (UN > 3) { load_right(&right3, right_at(3u, k)); }
        load_left(&left, left_at(0u, k));
        multiply(&left, &right0, &sum00);
        if (UN > 1) { multiply(&left, &right1, &sum01); }
        if (UN > 2) { multiply(&left, &right2, &sum02); }
        if (UN > 3) { multiply(&left, &right3, &sum03); }
        if (UM > 1) {
          load_left(&left, left_at(1u, k));
          multiply(&left, &right0, &sum10);
          if (UN > 1) { multiply(&left, &right1, &sum11); }
          if (UN > 2) { multiply(&left, &right2, &sum12); }
          if (UN > 3) { multiply(&left, &right3, &sum13); }
        }
        if (UM > 2) {
          load_left(&left, left_at(2u, k));
          multiply(&left, &right0, &sum20);
          if (UN > 1) { multiply(&left, &right1, &sum21); }
          if (UN > 2) { multiply(&left, &right2, &sum22); }
          if (UN > 3) { multiply(&left, &right3, &sum23); }
        }
        if (UM > 3) {
          load_left(&left, left_at(3u, k));
          multiply(&left, &right0, &sum30);
          if (UN > 1) { multiply(&left, &right1, &sum31); }
          if (UN > 2) { multiply(&left, &right2, &sum32); }
          if (UN > 3) { multiply(&left, &right3, &sum33); }
        }
      }
    }
  }
  workgroupBarrier();
  store_sum(&sum00, strip_at(0u));
  if (UN > 1) { store_sum(&sum01, strip_at(1u)); }
  if (UN > 2) { store_sum(&sum02, strip_at(2u)); }
  if (UN > 3) { store_sum(&sum03, strip_at(3u)); }
  workgroupBarrier();
  drain(0u);
  if (UM > 1) {
    workgroupBarrier();
    store_sum(&sum10, strip_at(0u));
    if (UN > 1) { store_sum(&sum11, strip_at(1u)); }
    if (UN > 2) { store_sum(&sum12, strip_at(2u)); }
    if (UN > 3) { store_sum(&sum13, strip_at(3u)); }
    workgroupBarrier();
    drain(1u);
  }
  if (UM > 2) {
    workgroupBarrier();
    store_sum(&sum20, strip_at(0u));
    if (UN > 1) { store_sum(&sum21, strip_at(1u)); }
    if (UN > 2) { store_sum(&sum22, strip_at(2u)); }
    if (UN > 3) { store_sum(&sum23, strip_at(3u)); }
    workgroupBarrier();
    drain(2u);
  }
  if (UM > 3) {
    workgroupBarrier();
    store_sum(&sum30, strip_at(0u));
    if (UN > 1) { store_sum(&sum31, strip_at(1u)); }
    if (UN > 2) { store_sum(&sum32, strip_at(2u)); }
    if (UN > 3) { store_sum(&sum33, strip_at(3u)); }
    workgroupBarrier();
    drain(3u);
  }

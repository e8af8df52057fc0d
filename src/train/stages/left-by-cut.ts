// What a cut would leave of a network's gates now, while they still move: how small the network is on its way to become.
import type { NetworkGates } from '../../astro/index.ts';
import { noGrad, scope } from '../../tensor/index.ts';
import { findPart } from './budget.ts';
import { cutOf } from './falling-cut.ts';
import type { Cut } from './gate-summary.ts';

/** Gates after a cut. */
export interface LeftByCut {
  /** As the layout has them, exactly 0 where they are cut. */
  values: Float32Array;
  /** The part that stays, where a budget says so. */
  part?: number;
}

/** Reads back what a cut would leave of the committed gates, which stay as they are; final ones are cut already. `part` is what stays, where it was found before: finding it takes a while for gates of filters and channels. Throws ConfigError as findPart() does. */
export async function leftByCut(gates: NetworkGates, options: Cut, part?: number): Promise<LeftByCut> {
  if (gates.gatesFinal) return { values: await gates.gate.floats() };
  const { budget } = options;
  const cut = cutOf(gates, options);
  try {
    const stays = budget && (part ?? budget.part ?? (await findPart(gates, cut, budget)));
    if (stays !== undefined) cut.keep(stays);
    const left = noGrad(() => scope(() => cut.made()));
    const values = await left.floats().finally(() => left.release());
    return { values, ...(stays !== undefined && { part: stays }) };
  } finally {
    cut.release();
  }
}

// What AdelaiDet calls the tensors of a BoxInst or CondInst, whose backbone has Detectron2's names. Ours are the same but for a few first parts.
import { adaptNames } from '../../models/index.ts';
import type { BoxInst } from './box-inst.ts';

const BOTTOM_UP = 'backbone.bottom_up.';
/** Wrappers put these before every name. */
const WRAPPER = /^(?:module|_orig_mod|model)\./;
/** What only training under masks has (CondInst's semantic head), counters, and constants. */
const LEFT_OUT =
  /^(?:mask_branch\.(?:seg_head|logits)|mask_head\.(?:sizes_of_interest|_iter)$|pixel_(?:mean|std)$|anchor_generator)\b/;

/** The detector's name for each of a file's; undefined for what no detector here has a use for. Other names stay as they are. */
export function detectorNames(detector: BoxInst, names: Iterable<string>): Map<string, string | undefined> {
  const bare = new Map<string, string>();
  for (const name of names) {
    let own = name;
    while (WRAPPER.test(own)) own = own.replace(WRAPPER, '');
    bare.set(name, own);
  }
  const below = (name: string): string => name.slice(BOTTOM_UP.length);
  const backbone = adaptNames(
    detector.backbone.bottom_up,
    [...bare.values()].filter((name) => name.startsWith(BOTTOM_UP)).map(below),
  );
  return new Map(
    [...bare].map(([name, own]) => {
      if (LEFT_OUT.test(own)) return [name, undefined];
      if (own.startsWith(BOTTOM_UP)) return [name, `${BOTTOM_UP}${backbone.get(below(own))}`];
      return [name, own.replace(/^proposal_generator\./, '')];
    }),
  );
}

// How the part that stays falls over the steps of a phase (docs/method.md §6): from all to what is to stay, fast at first, when there is most to choose from, and ever slower.

/** From which step on the part falls, to which, and how far. */
export interface Fall {
  from: number;
  end: number;
  /** What stays from `end` on. */
  share: number;
}

/** The part that stays at step i: share(r) = end + (1 − end)·(1 − r)³. */
export function stayingAt(i: number, { from, end, share }: Fall): number {
  if (i >= end) return share;
  const r = Math.max(0, (i - from) / (end - from));
  return share + (1 - share) * (1 - r) ** 3;
}

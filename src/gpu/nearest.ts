// What was meant by a word that is not there: for "did you mean" behind a refusal.

/** Insertions, deletions, changes and swaps of neighbors between two words (Damerau-Levenshtein, each place once). */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    rows[i] = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      rows[i][j] = Math.min(
        rows[i - 1][j] + 1,
        rows[i][j - 1] + 1,
        rows[i - 1][j - 1] + change,
        swapped ? rows[i - 2][j - 2] + 1 : Number.POSITIVE_INFINITY,
      );
    }
  }
  return rows[a.length][b.length];
}

/** The name that was most likely meant: one that differs by case or marks, that begins so, or in which at most a third of the letters differ. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  const asked = plain(word);
  if (asked.length < 2) return undefined;
  const far = (name: string): number =>
    plain(name) === asked ? 0 : plain(name).startsWith(asked) ? 0.5 : distance(asked, plain(name));
  const [best] = names.map((name) => ({ name, by: far(name) })).sort((a, b) => a.by - b.by);
  return best && best.by <= Math.max(1, Math.floor(asked.length / 3)) ? best.name : undefined;
}

/** `; did you mean x?`, or nothing. `shown` makes of a name what is said. */
export function didYouMean(word: string, names: readonly string[], shown = (name: string) => name): string {
  const name = nearest(word, names);
  return name === undefined ? '' : `; did you mean ${shown(name)}?`;
}

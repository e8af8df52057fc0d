// What does not fit a network, as people read it: phrases that differ only in the number of a block are one, and a message quotes the first of them.

/** Phrases that a message quotes. */
const QUOTED = 8;
/** Lines of a list: what has more is another network altogether. */
const MOST_LINES = 100;
/** The first part of a tensor's name that is a number, and what stands around it. */
const NUMBERED = /^(\S*?\.)(\d{1,9})(\.\S+ .*)$/;

/** `blocks.0.norm1.bias is missing`, `blocks.1.norm1.bias is missing` as `blocks.{0-1}.norm1.bias is missing`, in the order of the first of each. */
export function gathered(phrases: readonly string[]): string[] {
  const groups = new Map<string, { phrase: string; numbers: number[] }>();
  for (const phrase of phrases) {
    const [, before, number, after] = NUMBERED.exec(phrase) ?? [];
    const key = number === undefined ? phrase : JSON.stringify([before, after]);
    const group = groups.get(key) ?? { phrase, numbers: [] };
    if (number !== undefined) group.numbers.push(Number(number));
    groups.set(key, group);
  }
  return [...groups.values()].map(({ phrase, numbers }) =>
    numbers.length > 1
      ? phrase.replace(NUMBERED, (_, before, __, after) => `${before}{${ranges(numbers)}}${after}`)
      : phrase,
  );
}

/** Mismatches as one line: how many, and the first of them. */
export function mismatchText(wrong: readonly string[]): string {
  const phrases = gathered(wrong);
  const more = phrases.length > QUOTED ? `; and ${phrases.length - QUOTED} more` : '';
  return `the state dict is of another network, ${wrong.length} of its tensors do not fit: ${phrases.slice(0, QUOTED).join('; ')}${more}`;
}

/** All of them, for a list, where mismatchText() has not shown them; none else. */
export function mismatchList(wrong: readonly string[]): string[] {
  const phrases = gathered(wrong);
  if (phrases.length <= QUOTED) return [];
  const rest = phrases.length - MOST_LINES;
  return rest > 0 ? [...phrases.slice(0, MOST_LINES), `and ${rest} more`] : phrases;
}

/** `0-11`, `0, 2, 5-7`. */
function ranges(numbers: readonly number[]): string {
  const runs: [from: number, to: number][] = [];
  for (const number of [...new Set(numbers)].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last && number === last[1] + 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
}

/** The words that a mistyped one may have meant. */

/**
 * Single-character insertions, deletions, replacements and swaps of neighbours between two words (Damerau 1964, in its
 * restricted form: no letter is touched twice).
 */
export function editDistance(a: string, b: string): number {
  let [before, row]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? before[j - 2]! + 1 : replaced;
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, replaced, swapped);
    }
    [before, row] = [row, next];
  }
  return row[b.length]!;
}

/** The candidate nearest to `word`, if it is near enough to be a slip of the hand: a third of its letters. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (!best || distance < best.distance) best = { candidate, distance };
  }
  return best && best.distance <= Math.max(1, best.candidate.length / 3) ? best.candidate : undefined;
}

/** `; known: a, b` with a guess where one is near: the end of a message that refuses `word`. */
export function knownWords(word: string, candidates: readonly string[]): string {
  const guess = nearest(word, candidates);
  return `; known: ${candidates.join(", ") || "none"}${guess === undefined ? "" : `. Did you mean ${guess}?`}`;
}

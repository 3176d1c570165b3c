/** Suggestions for a mistyped word. */

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

/** The candidate nearest to `word`, where at most a third of its letters (or one) differ, as in a typing error. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (!best || distance < best.distance) best = { candidate, distance };
  }
  return best && best.distance <= Math.max(1, best.candidate.length / 3) ? best.candidate : undefined;
}

/**
 * `; known: a, b. Did you mean b?`, the guess only where a candidate is near: the end of a message that refuses `word`.
 * `shown` are the candidates as the user may write them.
 */
export function knownWords(word: string, candidates: readonly string[], shown = candidates): string {
  const guess = nearest(word, candidates);
  return `; known: ${shown.join(", ") || "none"}${guess === undefined ? "" : `. Did you mean ${guess}?`}`;
}

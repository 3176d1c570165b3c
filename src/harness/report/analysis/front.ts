/** What can be chosen: the Pareto front, the choice under a budget, and where one curve overtakes a level. */

export interface Option {
  /** Milliseconds an image; less is better. */
  readonly ms: number;
  /** Lower is better, e.g. FID. */
  readonly quality: number;
}

/**
 * Options that no other one beats in both time and quality, fastest first. Of equals in one coordinate the better in
 * the other stays; of complete equals the first.
 */
export function paretoFront<T extends Option>(options: readonly T[]): T[] {
  const fastestFirst = options.toSorted((a, b) => a.ms - b.ms || a.quality - b.quality);
  let best = Number.POSITIVE_INFINITY;
  return fastestFirst.filter(({ quality }) => {
    if (quality >= best) return false;
    best = quality;
    return true;
  });
}

export interface BudgetChoice<T> {
  /** Budgets in [from, to) milliseconds an image; no `to` on the last. */
  readonly from: number;
  readonly to?: number;
  readonly choose: T;
}

/** The best quality that every time budget buys; below the first `from` nothing measured is fast enough. */
export function choicesByBudget<T extends Option>(front: readonly T[]): BudgetChoice<T>[] {
  return front.map((choose, index) => {
    const next = front[index + 1];
    return { from: choose.ms, to: next ? next.ms : undefined, choose };
  });
}

/**
 * The fewest steps from which on a falling-is-better curve stays at or below `level`: it holds there and at every
 * larger measured step count. Undefined where the longest setting is still above.
 */
export function breakEvenStep(
  curve: readonly { readonly steps: number; readonly quality: number }[],
  level: number,
): number | undefined {
  let found: number | undefined;
  for (const { steps, quality } of curve.toSorted((a, b) => b.steps - a.steps)) {
    if (quality > level) break;
    found = steps;
  }
  return found;
}

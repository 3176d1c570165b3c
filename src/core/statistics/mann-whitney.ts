/**
 * The test of Mann & Whitney 1947 and the shift of Hodges & Lehmann 1963 that goes with it. Ranks only: an outlier counts
 * as one value, however far out it lies.
 */
import { assert } from "../errors.ts";
import { median, type Numbers, normalCdf, normalQuantile, type Outcome } from "./summary.ts";

/** Steps of the exact distribution up to which it is computed; beyond, the normal approximation is as good. */
const MOST_STEPS = 2e6;

export interface MannWhitney {
  /** Pairs in which a's value is above b's, ties counted half. */
  readonly u: number;
  /** Two-sided. */
  readonly p: number;
  readonly method: "exact" | "normal";
}

/**
 * Two-sided test that two independent samples come from one distribution. Tie rule: tied values share the mean of their
 * ranks, and the exact p is conditional on the ties, as under relabelling of the very values seen. The normal
 * approximation, taken only where the exact distribution is too large, corrects for ties and for continuity.
 */
export function mannWhitney(a: Numbers, b: Numbers): MannWhitney {
  const [n, m] = [a.length, b.length];
  assert(n > 0 && m > 0, `a test of ${n} against ${m} values`);
  const ranks = doubledRanks([...Array.from(a), ...Array.from(b)]);
  const sum = ranks.slice(0, n).reduce((total, rank) => total + rank, 0);
  const u = sum / 2 - (n * (n + 1)) / 2;
  const [size, own] = n <= m ? [n, sum] : [m, ranks.reduce((total, rank) => total + rank, 0) - sum];
  if (ranks.length * size * size * 2 * ranks.length <= MOST_STEPS)
    return { u, p: exactP(ranks, size, own), method: "exact" };
  return { u, p: normalP(u, n, m, ranks), method: "normal" };
}

/** Twice the mid-ranks, which are whole numbers. */
function doubledRanks(values: readonly number[]): number[] {
  const order = values.map((value, index) => ({ value, index })).sort((x, y) => x.value - y.value);
  const ranks = new Array<number>(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && order[to]!.value === order[from]!.value) to++;
    for (let i = from; i < to; i++) ranks[order[i]!.index] = from + 1 + to;
    from = to;
  }
  return ranks;
}

/** Share of the subsets of `size` ranks whose sum lies at least as far from the mean as `observed`. */
function exactP(ranks: readonly number[], size: number, observed: number): number {
  const { counts, total } = distribution(ranks, size);
  const centre = (size * ranks.reduce((sum, rank) => sum + rank, 0)) / ranks.length;
  const distance = Math.abs(observed - centre) - 1e-9;
  let extreme = 0;
  for (let sum = 0; sum < counts.length; sum++)
    if (Math.abs(sum - centre) >= distance) extreme += counts[sum]!;
  return Math.min(1, extreme / total);
}

/** Without ties it depends on the sizes alone, and many metrics have the same. */
function distribution(ranks: readonly number[], size: number): Sums {
  if (new Set(ranks).size < ranks.length) return subsetSums(ranks, size);
  const key = `${size} ${ranks.length}`;
  const known = untied.get(key) ?? subsetSums(ranks, size);
  untied.set(key, known);
  return known;
}

interface Sums {
  readonly counts: Float64Array;
  readonly total: number;
}

const untied = new Map<string, Sums>();

/** How many subsets of `size` have each sum. */
function subsetSums(ranks: readonly number[], size: number): Sums {
  const largest = [...ranks].sort((x, y) => y - x).slice(0, size);
  const width = largest.reduce((sum, rank) => sum + rank, 0) + 1;
  const table = Array.from({ length: size + 1 }, () => new Float64Array(width));
  table[0]![0] = 1;
  ranks.forEach((rank, taken) => {
    for (let k = Math.min(size, taken + 1); k > 0; k--) {
      const [from, to] = [table[k - 1]!, table[k]!];
      for (let sum = width - 1; sum >= rank; sum--) to[sum]! += from[sum - rank]!;
    }
  });
  const counts = table[size]!;
  return { counts, total: counts.reduce((sum, count) => sum + count, 0) };
}

function normalP(u: number, n: number, m: number, ranks: readonly number[]): number {
  const count = n + m;
  const tied = new Map<number, number>();
  for (const rank of ranks) tied.set(rank, (tied.get(rank) ?? 0) + 1);
  let ties = 0;
  for (const t of tied.values()) ties += t ** 3 - t;
  const variance = ((n * m) / 12) * (count + 1 - ties / (count * (count - 1)));
  if (variance === 0) return 1;
  const z = Math.max(0, Math.abs(u - (n * m) / 2) - 0.5) / Math.sqrt(variance);
  return Math.min(1, 2 * normalCdf(-z));
}

export interface Shift {
  /** Median of all differences of a value of b and one of a. */
  readonly shift: number;
  /** Bounds that hold the shift of the distributions with `confidence`, by inversion of the test; or why none. */
  readonly interval: Outcome<{ readonly low: number; readonly high: number; readonly confidence: number }>;
}

/**
 * By how much b lies above a, with an interval of at least `confidence`: the differences whose ranks the null
 * distribution of U cuts off (Hollander & Wolfe 1999, section 4.3). Three against three carry no 95% interval.
 */
export function hodgesLehmann(a: Numbers, b: Numbers, confidence = 0.95): Shift {
  const differences = new Float64Array(a.length * b.length);
  for (let i = 0; i < b.length; i++)
    for (let j = 0; j < a.length; j++) differences[i * a.length + j] = b[i]! - a[j]!;
  differences.sort();
  const shift = median(differences);
  const [n, m] = [a.length, b.length];
  const { cut, tail } = cutOff(Math.min(n, m), Math.max(n, m), (1 - confidence) / 2);
  return shiftBetween(differences, shift, cut, tail, `${n} against ${m} values`, confidence);
}

/** The shift with the values that `cut` counts from both ends of the sorted `differences`; `tail` lies beyond each. */
export function shiftBetween(
  differences: Numbers,
  shift: number,
  cut: number,
  tail: number,
  what: string,
  confidence: number,
): Shift {
  if (cut === 0)
    return {
      shift,
      interval: { defined: false, why: `${what} carry no interval at ${+(confidence * 100).toFixed(6)}%` },
    };
  return {
    shift,
    interval: {
      defined: true,
      low: differences[cut - 1]!,
      high: differences[differences.length - cut]!,
      confidence: 1 - 2 * tail,
    },
  };
}

/** Largest level not above `alpha` that the two-sided test of n against m untied values can have; 0 where none. */
export const attainableLevel = (n: number, m: number, alpha: number): number =>
  2 * cutOff(Math.min(n, m), Math.max(n, m), alpha / 2).tail;

/** The largest `cut` with P(U < cut) <= `share` where nothing is tied, and that probability. */
function cutOff(n: number, m: number, share: number): { cut: number; tail: number } {
  const count = n + m;
  if (count * n * n * 2 * count > MOST_STEPS) {
    const sd = Math.sqrt((n * m * (count + 1)) / 12);
    const cut = Math.max(0, Math.floor((n * m) / 2 + sd * normalQuantile(share) + 0.5));
    return { cut, tail: cut === 0 ? 0 : normalCdf((cut - 0.5 - (n * m) / 2) / sd) };
  }
  const known = cuts.get(`${n} ${m} ${share}`);
  if (known) return known;
  const ranks = Array.from({ length: count }, (_, i) => i + 1);
  const { counts, total } = subsetSums(ranks, n);
  let [cut, below] = [0, 0];
  for (let sum = (n * (n + 1)) / 2; ; sum++) {
    const next = below + counts[sum]! / total;
    if (next > share + 1e-12) break;
    below = next;
    cut++;
  }
  cuts.set(`${n} ${m} ${share}`, { cut, tail: below });
  return { cut, tail: below };
}

/** They depend on the sizes alone, and many metrics have the same. */
const cuts = new Map<string, { cut: number; tail: number }>();

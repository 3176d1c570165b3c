/**
 * Tests and shifts by ranks, where an outlier counts as one value, however far out it lies: of independent samples (Mann &
 * Whitney 1947) and of paired ones (Wilcoxon 1945), with the estimate of Hodges & Lehmann 1963 that goes with each.
 */
import { assert } from "../errors.ts";
import { median, type Numbers, type Outcome } from "./descriptive.ts";
import { normalCdf, normalQuantile } from "./distributions.ts";

/** Twice the ranks from 1, equal values sharing their mean rank: doubled, they are whole numbers. */
export function doubledRanks(values: readonly number[]): number[] {
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

/** How often each distinct value occurs. */
export function tieSizes(values: Numbers): number[] {
  const ties = new Map<number, number>();
  for (let i = 0; i < values.length; i++) ties.set(values[i]!, (ties.get(values[i]!) ?? 0) + 1);
  return [...ties.values()];
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** Steps of the exact distribution up to which it is computed; beyond, the normal approximation is as good. */
const MOST_STEPS = 2e6;

/** Whether the exact distribution of U is computed for `size` of `count` values, `size` being the smaller sample. */
const isExact = (size: number, count: number): boolean => count * size * size * 2 * count <= MOST_STEPS;

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
  const sum = sumOf(ranks.slice(0, n));
  const u = sum / 2 - (n * (n + 1)) / 2;
  const [size, observed] = n <= m ? [n, sum] : [m, sumOf(ranks) - sum];
  if (isExact(size, n + m)) return { u, p: exactP(ranks, size, observed), method: "exact" };
  return { u, p: normalP(u, n, m, ranks), method: "normal" };
}

/** Share of the subsets of `size` ranks whose sum lies at least as far from the mean as `observed`. */
function exactP(ranks: readonly number[], size: number, observed: number): number {
  const { counts, total } = rankSums(ranks, size);
  const centre = (size * sumOf(ranks)) / ranks.length;
  const distance = Math.abs(observed - centre) - 1e-9;
  let extreme = 0;
  for (let sum = 0; sum < counts.length; sum++)
    if (Math.abs(sum - centre) >= distance) extreme += counts[sum]!;
  return Math.min(1, extreme / total);
}

interface RankSums {
  /** Number of subsets with each sum. */
  readonly counts: Float64Array;
  readonly total: number;
}

/** Distributions without ties: they depend on the sizes alone, and many metrics have the same sizes. */
const untied = new Map<string, RankSums>();

/** How many subsets of `size` doubled ranks have each sum. */
function rankSums(ranks: readonly number[], size: number): RankSums {
  const key = new Set(ranks).size < ranks.length ? undefined : `${size} ${ranks.length}`;
  const known = key && untied.get(key);
  if (known) return known;
  const width = sumOf([...ranks].sort((x, y) => y - x).slice(0, size)) + 1;
  const table = Array.from({ length: size + 1 }, () => new Float64Array(width));
  table[0]![0] = 1;
  ranks.forEach((rank, taken) => {
    for (let k = Math.min(size, taken + 1); k > 0; k--) {
      const [from, to] = [table[k - 1]!, table[k]!];
      for (let sum = width - 1; sum >= rank; sum--) to[sum]! += from[sum - rank]!;
    }
  });
  const counts = table[size]!;
  const sums = { counts, total: counts.reduce((sum, count) => sum + count, 0) };
  if (key) untied.set(key, sums);
  return sums;
}

function normalP(u: number, n: number, m: number, ranks: readonly number[]): number {
  const count = n + m;
  const ties = tieSizes(ranks).reduce((sum, t) => sum + t ** 3 - t, 0);
  const variance = ((n * m) / 12) * (count + 1 - ties / (count * (count - 1)));
  if (variance === 0) return 1;
  const z = Math.max(0, Math.abs(u - (n * m) / 2) - 0.5) / Math.sqrt(variance);
  return Math.min(1, 2 * normalCdf(-z));
}

export interface Shift {
  /** The estimate of Hodges and Lehmann. */
  readonly shift: number;
  /**
   * Bounds that hold the shift of the distributions with `confidence`, by inversion of the test; or why there are none.
   * Exact for continuous distributions. With ties both ends belong to the interval, and it holds with at least
   * `confidence`: a bound lies beyond a value only if every way to break the ties puts it there, and broken at random the
   * ranks have the distribution that the bounds are cut from. So a tie always counts against a shift.
   */
  readonly interval: Outcome<{ readonly low: number; readonly high: number; readonly confidence: number }>;
}

/**
 * By how much b lies above a: the median of all differences, with an interval of at least `confidence` between the
 * differences whose ranks the null distribution of U cuts off (Hollander & Wolfe 1999, section 4.3). Three against three
 * carry no 95% interval; four against four carry the one from the least to the largest difference, which holds with 97.1%.
 * Values may be infinite, as long as no difference of two is infinity minus infinity.
 */
export function hodgesLehmann(a: Numbers, b: Numbers, confidence = 0.95): Shift {
  const [n, m] = [a.length, b.length];
  const differences = Array.from(b, (y) => Array.from(a, (x) => y - x)).flat();
  return shiftWithin(differences, cutOff(n, m, (1 - confidence) / 2), confidence, `${n} against ${m} values`);
}

/**
 * The shift of paired values: the median of the means of all two differences (each with itself too), with the interval
 * that the exact distribution of the signed ranks cuts off; at most 60 differences, infinite ones of one sign alone. Five
 * carry no 95% interval.
 */
export function pairedShift(differences: Numbers, confidence = 0.95): Shift {
  const n = differences.length;
  assert(n > 0 && n <= 60, `a paired shift of ${n} differences`);
  const walsh: number[] = [];
  for (let i = 0; i < n; i++) for (let j = i; j < n; j++) walsh.push((differences[i]! + differences[j]!) / 2);
  const counts = new Float64Array((n * (n + 1)) / 2 + 1); // subsets of 1..n by their sum
  counts[0] = 1;
  for (let rank = 1; rank <= n; rank++)
    for (let sum = counts.length - 1; sum >= rank; sum--) counts[sum]! += counts[sum - rank]!;
  return shiftWithin(walsh, cutWithin(counts, 2 ** n, (1 - confidence) / 2), confidence, `${n} pairs`);
}

/** Values to be cut off from each end of an interval, and the probability beyond each bound. */
interface Cut {
  readonly cut: number;
  readonly tail: number;
}

function shiftWithin(
  estimates: readonly number[],
  { cut, tail }: Cut,
  confidence: number,
  what: string,
): Shift {
  assert(!estimates.some(Number.isNaN), "a shift of values that are no numbers, or infinite on both sides");
  const sorted = Float64Array.from(estimates).sort();
  const [below, above] = [sorted[(sorted.length - 1) >> 1]!, sorted[sorted.length >> 1]!];
  return {
    shift: Number.isFinite(below) && Number.isFinite(above) ? median([below, above]) : below,
    interval:
      cut === 0
        ? { defined: false, why: `${what} carry no interval at ${+(confidence * 100).toFixed(6)}%` }
        : {
            defined: true,
            low: sorted[cut - 1]!,
            high: sorted[sorted.length - cut]!,
            confidence: 1 - 2 * tail,
          },
  };
}

/** Largest level not above `alpha` that the two-sided test of n against m untied values can have; 0 where none. */
export const attainableLevel = (n: number, m: number, alpha: number): number =>
  2 * cutOff(n, m, alpha / 2).tail;

/** The largest cut with P(U < cut) <= `share` where n against m values are not tied. */
function cutOff(n: number, m: number, share: number): Cut {
  const [size, count] = [Math.min(n, m), n + m];
  if (!isExact(size, count)) {
    const sd = Math.sqrt((n * m * (count + 1)) / 12);
    const cut = Math.max(0, Math.floor((n * m) / 2 + sd * normalQuantile(share) + 0.5));
    return { cut, tail: cut === 0 ? 0 : normalCdf((cut - 0.5 - (n * m) / 2) / sd) };
  }
  const { counts, total } = rankSums(
    Array.from({ length: count }, (_, i) => 2 * (i + 1)),
    size,
  );
  const byU = counts.filter((_, sum) => sum % 2 === 0).slice((size * (size + 1)) / 2); // from the least sum on
  return cutWithin(byU, total, share);
}

/** The largest cut with P(statistic < cut) <= `share`, `counts` being those of the statistic 0, 1, ... */
function cutWithin(counts: Numbers, total: number, share: number): Cut {
  let [cut, tail] = [0, 0];
  while (tail + counts[cut]! / total <= share + 1e-12) tail += counts[cut++]! / total;
  return { cut, tail };
}

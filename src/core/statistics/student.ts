/** Student's t distribution, float64, for any positive degrees of freedom. */
import { assert } from "../errors.ts";
import { normalQuantile } from "./summary.ts";

/** ln Gamma(x), x > 0: Lanczos 1964 with the nine coefficients for g = 7; relative error below 1e-14. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const y = x - 1;
  const sum = lanczos.reduce((total, c, i) => total + (i === 0 ? c : c / (y + i)), 0);
  const base = y + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (y + 0.5) * Math.log(base) - base + Math.log(sum);
}

const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** Regularised incomplete beta function I_x(a, b), by its continued fraction (Lentz 1976). */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  let [c, d] = [1, 1 / (1 - ((a + b) * x) / (a + 1))];
  let fraction = d;
  for (let m = 1; m < 500; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / (1 + even * d);
    c = 1 + even / c;
    fraction *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / (1 + odd * d);
    c = 1 + odd / c;
    fraction *= c * d;
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return (front * fraction) / a;
}

/** P(T <= t) with `df` > 0 degrees of freedom. */
export function studentCdf(t: number, df: number): number {
  assert(df > 0, `degrees of freedom are above 0, not ${df}`);
  const tail = 0.5 * incompleteBeta(df / (df + t * t), df / 2, 0.5);
  return t < 0 ? tail : 1 - tail;
}

/** The t with `studentCdf(t, df)` = p, 0 < p < 1, by bisection. */
export function studentQuantile(p: number, df: number): number {
  assert(p > 0 && p < 1, `a quantile's p is in (0, 1), not ${p}`);
  if (p < 0.5) return -studentQuantile(1 - p, df);
  const tail = 1 - p; // the upper tail keeps its digits where the lower one rounds to 1
  const above = (t: number) => 0.5 * incompleteBeta(df / (df + t * t), df / 2, 0.5) > tail;
  let [low, high] = [0, 1 + Math.abs(normalQuantile(p))];
  while (above(high)) high *= 2;
  for (let i = 0; i < 200 && high - low > 1e-14 * high; i++) {
    const middle = (low + high) / 2;
    if (above(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

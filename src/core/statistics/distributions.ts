/** The binomial, the normal and Student's t distribution, float64. */
import { assert } from "../errors.ts";

/**
 * ln Gamma(x + 1), x > -1, which is ln x! for a whole x: by Stirling's series with four terms, its error below 1e-14 from
 * 16 on. A smaller whole x is multiplied out; any other small x is raised to 16 by x! = (x + 1)! / (x + 1).
 */
function logFactorial(x: number): number {
  if (x < 16 && Number.isInteger(x)) {
    let product = 1;
    for (let i = 2; i <= x; i++) product *= i;
    return Math.log(product);
  }
  let [n, raised] = [x, 0];
  while (n < 16) raised += Math.log(++n);
  const r = 1 / (n * n);
  const series = (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r / 1680))) / n;
  return (n + 0.5) * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI) + series - raised;
}

/** ln of the binomial coefficient "n over k", whole numbers with 0 <= k <= n. */
export function logBinomial(n: number, k: number): number {
  assert(Number.isInteger(n) && Number.isInteger(k) && k >= 0 && k <= n, `${n} over ${k} is not a binomial`);
  return k === 0 || k === n ? 0 : logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}

/** P(B = k) for B ~ Binomial(n, p), 0 < p < 1. */
export function binomialProbability(k: number, n: number, p: number): number {
  return Math.exp(logBinomial(n, k) + k * Math.log(p) + (n - k) * Math.log1p(-p));
}

/** P(Z <= x) of a standard normal: a series near 0, Laplace's continued fraction in the tails (Marsaglia 2004). */
export function normalCdf(x: number): number {
  const density = Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
  if (Math.abs(x) > 5) {
    let fraction = 0;
    for (let i = 60; i > 0; i--) fraction = i / (Math.abs(x) + fraction);
    const tail = density / (Math.abs(x) + fraction);
    return x < 0 ? tail : 1 - tail;
  }
  let term = x;
  let sum = x;
  for (let i = 3; Math.abs(term) > 1e-17 * Math.abs(sum); i += 2) sum += term *= (x * x) / i;
  return 0.5 + sum * density;
}

/** The x with `normalCdf(x)` = p, 0 < p < 1: Newton's method on ln P, which is concave, so that it climbs to the root. */
export function normalQuantile(p: number): number {
  assert(p > 0 && p < 1, `a normal quantile's p is in (0, 1), not ${p}`);
  if (p === 0.5) return 0;
  if (p > 0.5) return -normalQuantile(1 - p);
  let x = -Math.sqrt(-2 * Math.log(p)); // P(x) <= exp(-x^2/2) / 2 = p / 2: left of the root
  for (let i = 0; i < 50; i++) {
    const below = normalCdf(x);
    const step = (Math.log(p / below) * below * Math.sqrt(2 * Math.PI)) / Math.exp(-0.5 * x * x);
    x += step;
    if (Math.abs(step) < 1e-14 * Math.abs(x)) break;
  }
  return x;
}

/** Regularised incomplete beta function I_x(a, b), by its continued fraction (Lentz 1976). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const logBeta = logFactorial(a - 1) + logFactorial(b - 1) - logFactorial(a + b - 1);
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
  return (Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta) * fraction) / a;
}

/** P(T > |t|) of Student's t with `df` degrees of freedom. */
const studentTail = (t: number, df: number): number => 0.5 * incompleteBeta(df / (df + t * t), df / 2, 0.5);

/** P(T <= t) of Student's t with `df` > 0 degrees of freedom, whole or not. */
export function studentCdf(t: number, df: number): number {
  assert(df > 0, `degrees of freedom are above 0, not ${df}`);
  return t < 0 ? studentTail(t, df) : 1 - studentTail(t, df);
}

/** The t with `studentCdf(t, df)` = p, 0 < p < 1, by bisection. */
export function studentQuantile(p: number, df: number): number {
  assert(p > 0 && p < 1, `a quantile's p is in (0, 1), not ${p}`);
  if (p < 0.5) return -studentQuantile(1 - p, df);
  const tail = 1 - p; // the upper tail keeps its digits where the lower one rounds to 1
  let [low, high] = [0, 1 + Math.abs(normalQuantile(p))];
  while (studentTail(high, df) > tail) high *= 2;
  for (let i = 0; i < 200 && high - low > 1e-14 * high; i++) {
    const middle = (low + high) / 2;
    if (studentTail(middle, df) > tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

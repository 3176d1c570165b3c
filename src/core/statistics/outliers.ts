/** Values that stand apart: outliers of a sample, spikes of a series. They are named and never dropped. */
import { checkNumbers, type Numbers, type Outcome, quantile, welford } from "./descriptive.ts";

export type OutlierClass = "lowSevere" | "lowMild" | "normal" | "highMild" | "highSevere";

/**
 * Where `value` lies by the fences of `values` (Tukey 1977): mild beyond 1.5, severe beyond 3 interquartile ranges from
 * their quartiles (type 7).
 */
export function outlierClass(value: number, values: Numbers): OutlierClass {
  const [q1, q3] = [quantile(values, 0.25), quantile(values, 0.75)];
  const range = q3 - q1;
  if (value < q1 - 3 * range) return "lowSevere";
  if (value < q1 - 1.5 * range) return "lowMild";
  if (value > q3 + 3 * range) return "highSevere";
  return value > q3 + 1.5 * range ? "highMild" : "normal";
}

const SPIKE = { window: 1000, leastWindow: 32, leastValues: 128, deviations: 7 };

/**
 * Share of values, in time order, at least 7 standard deviations from the mean of the up to 1,000 values before them
 * (OLMo 2, arXiv:2501.00656). A value is no part of its own window, where it would hide itself. Values with fewer than
 * 32 before them are not scored, because so few give no usable standard deviation. In a constant window any other value
 * is a spike. Undefined below 128 values.
 */
export function spikeScore(values: Numbers): Outcome<{ score: number; spikes: number; scored: number }> {
  checkNumbers(values, "spike score");
  if (values.length < SPIKE.leastValues)
    return { defined: false, why: `a spike score needs ${SPIKE.leastValues} values, not ${values.length}` };
  const spikes = findSpikes(values).length;
  const scored = values.length - SPIKE.leastWindow;
  return { defined: true, score: spikes / scored, spikes, scored };
}

/** Indices of the values that `spikeScore` counts; none where the values are too few for a score. */
export function findSpikes(values: Numbers): number[] {
  const spikes: number[] = [];
  if (values.length < SPIKE.leastValues) return spikes;
  for (let i = SPIKE.leastWindow; i < values.length; i++) {
    const from = Math.max(0, i - SPIKE.window);
    const { mean, squares } = welford(values, from, i); // running sums never forget a 1e30
    const sd = Math.sqrt(squares / (i - from - 1));
    const distance = Math.abs(values[i]! - mean);
    if (distance > 0 && distance >= SPIKE.deviations * sd) spikes.push(i);
  }
  return spikes;
}

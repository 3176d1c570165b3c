import { assert, undefinedMetric } from "../core/errors.ts";
import { plural } from "../core/format.ts";
import { defineMetric } from "./define.ts";

/**
 * KL(p || q) = sum of p ln(p / q), in nats, of two distributions over the same modes given by weights of any
 * positive sum; 0 ln 0 = 0; infinite where p has weight on a mode without weight in q.
 */
export function klDivergence(p: ArrayLike<number>, q: ArrayLike<number>): number {
  assert(p.length === q.length, `${p.length} modes against ${q.length}`);
  const total = (weights: ArrayLike<number>) => Array.from(weights).reduce((sum, weight) => sum + weight, 0);
  const [sumP, sumQ] = [total(p), total(q)];
  let divergence = 0;
  for (let mode = 0; mode < p.length; mode++) {
    const share = p[mode]! / sumP;
    if (share > 0) divergence += share * Math.log(share / (q[mode]! / sumQ));
  }
  return Math.max(0, divergence); // rounding alone takes it below
}

/**
 * KL(generated || real) over assigned modes, natural logarithm, from relative frequencies: the order of
 * Stacked-MNIST (Metz et al. 2017, arXiv:1611.02163; Lin et al. 2018, arXiv:1712.04086). From 0, its value on
 * equal sets. A missing mode adds nothing by itself; the excess elsewhere does. Frequencies are not smoothed:
 * a generated image in a mode without a real one makes it infinite, which is said (METRIC_UNDEFINED) and
 * given no number. With M modes, n generated and m real images it is about (M - 1)(1/n + 1/m)/2 too high:
 * compare with real against real.
 */
export const reverseKl = defineMetric("modes", {
  name: "reverse_kl",
  title: "Reverse KL",
  meaning: "divergence of the generated from the real mode shares, nats",
  paper: "Metz et al. 2017, arXiv:1611.02163",
  protocol: () => "most likely mode of each image, frequencies not smoothed",
  direction: "lower",
  change: { scale: "difference", floor: 0.02, detect: 0.05 },
  scores: ["setting"],
  minimumCount: () => 1,
  tieRule: "none: each image has one mode",
  compute(generated, real) {
    const value = klDivergence(generated, real);
    if (value === Number.POSITIVE_INFINITY) {
      const stray = [...generated.keys()].filter((mode) => generated[mode]! > 0 && real[mode] === 0);
      const images = stray.reduce((sum, mode) => sum + generated[mode]!, 0);
      throw undefinedMetric(
        `reverse_kl is infinite: ${plural(images, "generated image")} in ${plural(stray.length, "mode")} without a real one ` +
          `(first: mode ${stray[0]}); take more real images or coarser modes`,
      );
    }
    return { value, details: { modes: generated.length, unit: "nats" } };
  },
});

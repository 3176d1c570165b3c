import { undefinedMetric } from "../core/errors.ts";
import { mean } from "../core/statistics/index.ts";
import type { Features } from "./contract.ts";
import { classMetric } from "./define.ts";

/**
 * Mean squared distance of two generated images of one class over that of two real ones, averaged over the
 * classes that have real images: the intra-cluster distance of Ojha et al. 2021 (arXiv:2104.06820), section
 * 4.2, on features, within assigned classes and relative to the data. From 0 (one image a class); 1 on equal
 * sets and expected near it for equal distributions; above 1 classes are wider than the data's. Classes are
 * few, and not a sample of any: no interval.
 */
export const classDiversity = classMetric({
  name: "class_diversity",
  title: "Diversity within classes",
  meaning: "distance between two generated images of a class, as a multiple of that between two real ones",
  paper: "Ojha et al. 2021, arXiv:2104.06820",
  protocol: () => "mean over classes of squared pairwise distance, generated over real",
  direction: "two-sided",
  perClass: () => 2,
  tieRule: "none: each image has one class",
  compute(classes) {
    const ratios = classes.map(({ name, generated, real }) => {
      const ofReal = spread(real);
      if (ofReal === 0)
        throw undefinedMetric(
          `class_diversity has nothing to compare with: the real images of class ${name} are all alike`,
        );
      return spread(generated) / ofReal;
    });
    const least = ratios.indexOf(Math.min(...ratios));
    return {
      value: mean(ratios),
      details: { classes: classes.length, leastClass: classes[least]!.name, least: ratios[least]! },
    };
  },
});

/** Mean squared distance over the pairs of rows: twice the trace of the unbiased covariance. */
function spread({ data, count, width }: Features): number {
  let sum = 0;
  for (let d = 0; d < width; d++) {
    let centre = 0;
    for (let i = 0; i < count; i++) centre += data[i * width + d]! / count;
    for (let i = 0; i < count; i++) sum += (data[i * width + d]! - centre) ** 2;
  }
  return (2 * sum) / (count - 1);
}

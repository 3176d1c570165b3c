import { mean } from "../core/statistics/index.ts";
import { classMetric } from "./define.ts";
import { frechetValue } from "./fid.ts";

/** Images of a class per feature, below which its FID is mostly the bias of n. */
const IMAGES_PER_FEATURE = 2;

/**
 * FID within each class, averaged over the classes that have real images, each weighing the same. Miyato &
 * Koyama 2018 (arXiv:1802.05637), section 5. From 0, its value on equal sets. A class whose images have
 * collapsed shows here while FID over all barely moves. The bias of n is that of the classes' own, smaller,
 * numbers: compare at equal n, beside real against real. Generated images belong to the class that the
 * classifier assigns. Classes are few, and not a sample of any: no interval.
 */
export const classFid = classMetric({
  name: "class_fid",
  title: "FID within classes",
  meaning: "FID within each class, averaged over the classes",
  paper: "Miyato & Koyama 2018, arXiv:1802.05637",
  protocol: () => "mean over classes with real images, unbiased covariances",
  direction: "lower",
  perClass: (width) => Math.max(2, IMAGES_PER_FEATURE * width),
  tieRule: "none: each image has one class",
  compute(classes) {
    const values = classes.map(({ generated, real }) => frechetValue(generated, real));
    const worst = values.indexOf(Math.max(...values));
    return {
      value: mean(values),
      details: {
        classes: classes.length,
        worstClass: classes[worst]!.name,
        worst: values[worst]!,
        fewestGenerated: Math.min(...classes.map(({ generated }) => generated.count)),
        fewestReal: Math.min(...classes.map(({ real }) => real.count)),
      },
    };
  },
});

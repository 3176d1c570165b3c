import { BenchError } from "../../core/errors.ts";
import { toFloat } from "../../core/images.ts";
import { pixelFeatures } from "../../metrics/features/index.ts";
import type { FeatureSource } from "./contract.ts";

const inputOptions = ["size", "layout", "resize", "range", "mean", "std"] as const;

/** The pixels themselves, in [-1, 1]. @throws USAGE for options that would change them. */
export const pixels: FeatureSource = {
  describe: "the pixels themselves: free of any network, and blind to all but exact position and colour",
  cached: false,
  async open(_, context) {
    const given = inputOptions.find((option) => context[option] !== undefined);
    if (given)
      throw new BenchError(
        "USAGE",
        `features of pixels take no ${given}; it is for onnx:FILE. Leave it out.`,
      );
    return {
      name: "pixels",
      protocol: { features: "pixels", range: "-1..1" },
      async extract(images, onProgress) {
        const features = pixelFeatures(toFloat(images));
        onProgress?.(images.count, images.count);
        return features;
      },
      dispose() {},
    };
  },
};

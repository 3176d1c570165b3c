import { usageError } from "../../core/errors.ts";
import { checkImages, type FloatImages, imageSize, toFloat } from "../../core/images.ts";
import type { Features } from "../../metrics/contract.ts";
import type { FeatureSource } from "./contract.ts";

const inputOptions = [
  "size",
  "layout",
  "resize",
  "range",
  "mean",
  "std",
  "timeLimit",
  "memoryLimit",
] as const;

/** The pixels themselves, in [-1, 1]. @throws USAGE for options that would change them */
export const pixels: FeatureSource = {
  describe: "the pixels themselves: free of any network, and blind to all but exact position and colour",
  cached: false,
  async open(_, context) {
    const given = inputOptions.find((option) => context[option] !== undefined);
    if (given) throw usageError(`features of pixels take no ${given}; it is for onnx:FILE. Leave it out.`);
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

/**
 * The pixels themselves as features, [count, height x width x channels], in [-1, 1]: a check, free of any classifier, of
 * whether a ranking depends on the features. Wide: metrics over the covariance take long from 32 x 32 x 3 on.
 */
export function pixelFeatures(images: FloatImages): Features {
  checkImages(images, "pixel features");
  return { data: Float64Array.from(images.data), count: images.count, width: imageSize(images) };
}

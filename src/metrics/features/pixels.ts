import { checkImages, type FloatImages, imageSize } from "../../core/images.ts";
import type { Features } from "../contract.ts";

/**
 * The pixels themselves as features, [count, height x width x channels], in [-1, 1]: a check, free of any
 * classifier, of whether a ranking depends on the features. Wide: metrics over the covariance take long from
 * 32 x 32 x 3 on.
 */
export function pixelFeatures(images: FloatImages): Features {
  checkImages(images, "pixel features");
  return { data: Float64Array.from(images.data), count: images.count, width: imageSize(images) };
}

/** The kinds of feature extractor, and the only way to open one. To add one: one file and one line here. */
import { parseSpec } from "../../core/spec.ts";
import { cached } from "./cache.ts";
import type { FeatureContext, FeatureExtractor, FeatureSource } from "./contract.ts";
import { onnx } from "./onnx.ts";
import { pixels } from "./pixels.ts";

export { clearFeatures } from "./cache.ts";
export type * from "./contract.ts";
export { pixelRanges } from "./contract.ts";
export { type ResizeMode, resizers } from "./resize.ts";

export const featureSources = { pixels, onnx } satisfies Record<string, FeatureSource>;

/**
 * Opens `spec`: `pixels`, or `onnx:FILE[:output]`. Dispose of it after use. @throws USAGE for an unknown kind, an
 * argument missing or not taken, and options against the model; BAD_DATA for a model that cannot be used.
 */
export async function openFeatures(spec: string, context: FeatureContext = {}): Promise<FeatureExtractor> {
  const { name, argument } = parseSpec(spec, featureSources, "feature extractor");
  const source: FeatureSource = featureSources[name];
  const extractor = await source.open(argument, context);
  return source.cached && context.cache !== false ? cached(extractor, context) : extractor;
}

/** The kinds of feature extractor, and the one way to open one. To add one: one file and one line here. */
import { BenchError } from "../../core/errors.ts";
import { cached } from "./cache.ts";
import type { FeatureContext, FeatureExtractor, FeatureSource } from "./contract.ts";
import { onnx } from "./onnx.ts";
import { pixels } from "./pixels.ts";

export { clearFeatures } from "./cache.ts";
export type {
  FeatureContext,
  FeatureExtractor,
  FeatureSource,
  InputOptions,
  PixelRange,
} from "./contract.ts";
export { pixelRanges } from "./contract.ts";
export { type ResizeMode, resizers } from "./resize.ts";

export const featureSources = { pixels, onnx } satisfies Record<string, FeatureSource>;

const written = () =>
  Object.entries<FeatureSource>(featureSources).map(([name, { argument }]) =>
    argument ? `${name}:${argument}` : name,
  );

/**
 * Opens `spec`: `pixels`, or `onnx:FILE[:output]`. Dispose of it after use. @throws USAGE for an unknown kind, an
 * argument missing or not taken, and options against the model; BAD_DATA for a model that cannot be used.
 */
export async function openFeatures(spec: string, context: FeatureContext = {}): Promise<FeatureExtractor> {
  const colon = spec.indexOf(":");
  const name = colon < 0 ? spec : spec.slice(0, colon);
  const argument = colon < 0 ? undefined : spec.slice(colon + 1);
  if (!Object.hasOwn(featureSources, name))
    throw new BenchError("USAGE", `unknown features "${spec}"; known: ${written().join(", ")}`);
  const source: FeatureSource = featureSources[name as keyof typeof featureSources];
  if (source.argument && !argument)
    throw new BenchError("USAGE", `features ${name} need a file: ${name}:${source.argument}`);
  if (!source.argument && argument !== undefined)
    throw new BenchError("USAGE", `features ${name} take nothing after a colon, but "${spec}" was given`);
  const extractor = await source.open(argument, context);
  return source.cached && context.cache !== false ? cached(extractor, context) : extractor;
}

/** Options that every sampler has. */
import * as z from "zod";
import { nonNegative, options, positive } from "../../config.ts";
import { type SpacingName, spacings } from "../respacing.ts";

const names = Object.keys(spacings) as [SpacingName, ...SpacingName[]];

const common = (spacing: SpacingName) => ({
  spacing: z
    .enum(names)
    .default(spacing)
    .describe(
      "which trained steps are visited: at equal distances, closer together near the image, or by noise level",
    ),
  rho: z
    .number()
    .min(1)
    .default(7)
    .describe("karras spacing: how much closer together the small noise levels lie"),
  sigmaMin: positive
    .default(0.002)
    .describe("karras spacing: smallest noise level, within the model's, in units of the image's range"),
  sigmaMax: positive.default(80).describe("karras spacing: largest noise level, within the model's"),
  clipping: z
    .enum(["static", "dynamic", "none"])
    .default("static")
    .describe(
      "of the estimated clean image: to the range of images, to a quantile of its own values, or none",
    ),
  percentile: z
    .number()
    .min(0.5)
    .max(1)
    .default(0.995)
    .describe("dynamic clipping: share of an image's values that is not clipped"),
  guidance: nonNegative
    .default(0)
    .describe("w of classifier-free guidance, epsilon = (1 + w) conditional - w unconditional; 0 for none"),
});

/** A sampler's strict options: the common ones and its own. */
export function samplerOptions<Own extends z.ZodRawShape>(spacing: SpacingName, own: Own) {
  return options({ ...common(spacing), ...own });
}

export type CommonOptions = z.infer<ReturnType<typeof samplerOptions<Record<never, never>>>>;

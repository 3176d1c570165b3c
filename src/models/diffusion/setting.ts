/** A sampling setting, checked against the denoiser that it is for and resolved. */
import type * as z from "zod";
import { badConfig } from "../../core/errors.ts";
import type { HostTensor } from "../../engine/contract.ts";
import { parseConfig } from "../config.ts";
import type { SamplerSetting, State } from "../contract.ts";
import type { Denoiser } from "./denoiser.ts";
import { spacings } from "./respacing.ts";
import { type CommonOptions, isSampler, type Sampler, type SamplerKind, samplers } from "./samplers/index.ts";
import { type Target, targets } from "./targets/index.ts";
import type { Clipping } from "./thresholding.ts";

/** A setting, resolved for one denoiser. */
export interface Plan {
  readonly sampler: Sampler;
  /** Steps visited, ascending. */
  readonly retained: readonly number[];
  readonly clipping: Clipping;
  readonly guidance: number;
}

/** How a denoiser may be sampled: any method, or a student's own. */
export interface Method {
  /** BAD_CONFIG for a setting that it does not have, with the reason. */
  plan(setting: SamplerSetting): Plan;
  /** What inpainting is done with where its options leave it out. */
  readonly usual: { readonly sampler: string; readonly steps: number };
  /** Weights to sample with in so many steps, of a model's sampling weights. */
  weights(state: State, steps: number): HostTensor;
}

export function anyMethod(denoiser: Denoiser): Method {
  return {
    plan: (setting) => planOf(denoiser, setting),
    usual: { sampler: "ddpm", steps: Math.min(50, denoiser.alphaBar.length) },
    weights: ({ weights }) => weights!,
  };
}

/** BAD_CONFIG for a setting that this denoiser cannot be sampled at, with the reason. */
export function planOf(denoiser: Denoiser, { sampler, steps, options = {} }: SamplerSetting): Plan {
  const { alphaBar, classes, variance, target } = denoiser;
  if (!isSampler(sampler))
    throw badConfig(`no sampler "${sampler}"; known: ${Object.keys(samplers).join(", ")}`);
  if (!Number.isInteger(steps) || steps < 1 || steps > alphaBar.length)
    throw badConfig(
      `${sampler} samples in 1 to ${alphaBar.length} steps (the model's timesteps), not ${steps}`,
    );
  const kind: SamplerKind = samplers[sampler] as unknown as SamplerKind;
  const parsed = parseConfig(sampler, kind.options, options) as z.infer<typeof kind.options> & CommonOptions;
  if (parsed.guidance > 0 && classes === 0)
    throw badConfig(
      `${sampler}.guidance is ${parsed.guidance}, and the model is unconditional: nothing to guide it by`,
    );
  if (parsed.guidance > 0 && denoiser.knowsNoLabel === false)
    throw badConfig(
      `${sampler}.guidance is ${parsed.guidance}, and the model was trained with every label told: set its labelDropout above 0`,
    );
  if (parsed.variance === "learned-range" && variance !== "learned-range")
    throw badConfig(`${sampler}.variance is "learned-range", and the model has learned none`);
  if ("churn" in parsed && parsed.churn && !Object.values<Target>(targets).includes(target))
    throw badConfig(
      `${sampler}.churn goes to noise levels between the trained steps, where the ${target.title} is not defined`,
    );
  refuseUnused(sampler, options, parsed);
  return {
    sampler: kind.make(parsed, { variance, steps }),
    retained: spacings[parsed.spacing](alphaBar, steps, parsed),
    clipping:
      parsed.clipping === "dynamic"
        ? { kind: "dynamic", percentile: parsed.percentile }
        : { kind: parsed.clipping },
    guidance: parsed.guidance,
  };
}

/** Options that another option of the same setting leaves without effect. */
function refuseUnused(
  sampler: string,
  given: Readonly<Record<string, unknown>>,
  parsed: CommonOptions,
): void {
  const karras = ["rho", "sigmaMin", "sigmaMax"].find((name) => given[name] !== undefined);
  if (karras && parsed.spacing !== "karras")
    throw badConfig(`${sampler}.${karras} is of karras spacing, and spacing is ${parsed.spacing}`);
  if (given.percentile !== undefined && parsed.clipping !== "dynamic")
    throw badConfig(`${sampler}.percentile is of dynamic clipping, and clipping is ${parsed.clipping}`);
}

import type { Sampler, SamplerOptions } from "./contract.ts";
import { ddim } from "./ddim.ts";
import { ddpm } from "./ddpm.ts";

export type { Sampler, SamplerOptions, Stage } from "./contract.ts";

export const samplers = { ddpm, ddim } satisfies Record<string, (options: SamplerOptions) => Sampler>;

export type SamplerName = keyof typeof samplers;

export function isSampler(name: string): name is SamplerName {
  return Object.hasOwn(samplers, name);
}

import { ddim } from "./ddim.ts";
import { ddpm } from "./ddpm.ts";
import { dpmSolver } from "./dpm-solver.ts";
import { euler } from "./euler.ts";
import { heun } from "./heun.ts";

export type { Move, Sampler, SamplerKind, SamplerSetup, Update, Variance } from "./contract.ts";
export type { CommonOptions } from "./options.ts";

/** Methods of sampling, by the names of suites. */
export const samplers = { ddpm, ddim, euler, heun, "dpm-solver": dpmSolver };

export type SamplerName = keyof typeof samplers;

export function isSampler(name: string): name is SamplerName {
  return Object.hasOwn(samplers, name);
}

import { clean } from "./clean.ts";
import type { Target } from "./contract.ts";
import { epsilon } from "./epsilon.ts";
import { posteriorMean } from "./posterior-mean.ts";
import { velocity } from "./velocity.ts";

export type { Target } from "./contract.ts";

/** What the network's output estimates, by the names of suites; the same at a level of any schedule. */
export const targets = { epsilon, x0: clean, v: velocity } satisfies Record<string, Target>;

export type TargetName = keyof typeof targets | "mean";

export const targetNames = [...(Object.keys(targets) as (keyof typeof targets)[]), "mean"] as const;

/** The target of this name for steps at these levels. */
export function targetFor(name: TargetName, alphaBar: Float64Array): Target {
  return name === "mean" ? posteriorMean(alphaBar) : targets[name];
}

import type { GanLoss } from "./contract.ts";
import { hinge } from "./hinge.ts";
import { leastSquares } from "./least-squares.ts";
import { nonSaturating } from "./non-saturating.ts";
import { wasserstein } from "./wasserstein.ts";

export type { GanLoss } from "./contract.ts";

export const losses = {
  "non-saturating": nonSaturating,
  hinge,
  "least-squares": leastSquares,
  wasserstein,
} satisfies Record<string, GanLoss>;

export type LossName = keyof typeof losses;
export const lossNames = Object.keys(losses) as [LossName, ...LossName[]];

import type { GanLoss } from "./contract.ts";
import { nonSaturating } from "./non-saturating.ts";

export type { GanLoss } from "./contract.ts";

export const losses = { "non-saturating": nonSaturating } satisfies Record<string, GanLoss>;

export type LossName = keyof typeof losses;
export const lossNames = Object.keys(losses) as [LossName, ...LossName[]];

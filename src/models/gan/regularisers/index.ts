import type { Penalty } from "./contract.ts";
import { gradientPenalty } from "./gradient-penalty.ts";
import { r1 } from "./r1.ts";

export { type AugmentationName, augmentationNames, diffAugment } from "./diff-augment.ts";
export { realTarget } from "./label-smoothing.ts";
export { spectralNorm } from "./spectral-norm.ts";

/** Added to the discriminator's loss, each with the weight that the option of its name gives. */
export const penalties = { gradientPenalty, r1 } satisfies Record<string, Penalty>;

export type PenaltyName = keyof typeof penalties;
export const penaltyNames = Object.keys(penalties) as PenaltyName[];

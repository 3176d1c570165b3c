/** The five claims, each with the rule that decides it. */
import type { Cell, Run } from "../../../record/index.ts";
import { controlVerdict } from "./control.ts";
import { dataVerdict } from "./data.ts";
import { diversityVerdict } from "./diversity.ts";
import { latencyVerdict } from "./latency.ts";
import { stabilityVerdict } from "./stability.ts";
import type { Verdict } from "./verdict.ts";

export * from "./control.ts";
export * from "./data.ts";
export * from "./diversity.ts";
export * from "./intervals.ts";
export * from "./latency.ts";
export * from "./stability.ts";
export type { Verdict } from "./verdict.ts";

/** By the stage that measures it, in the report's order: the claim, and what decides it. */
export const claims = {
  stability: { text: "Diffusion trains stably, GANs do not", judge: stabilityVerdict },
  latency: { text: "A GAN is one pass, diffusion hundreds", judge: latencyVerdict },
  diversity: { text: "Diffusion covers the distribution, GANs lose modes", judge: diversityVerdict },
  control: { text: "Diffusion is easier to steer", judge: controlVerdict },
  data: { text: "Diffusion needs more data", judge: dataVerdict },
} satisfies Record<string, { text: string; judge: (run: Run, cells: readonly Cell[]) => Verdict }>;

export type ClaimName = keyof typeof claims;

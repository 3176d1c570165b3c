/** All stages in plan order. To add one: its file, and its line here. */
import { anchorsStage } from "./anchors.ts";
import { classifierStage } from "./classifier.ts";
import type { Stage } from "./contract.ts";
import { diversityStage } from "./diversity.ts";
import { latencyStage } from "./latency.ts";
import { stabilityStage } from "./stability.ts";
import { trainStage } from "./train.ts";

export { modelFacts } from "./models.ts";

export const stages: readonly Stage[] = [
  classifierStage,
  anchorsStage,
  trainStage,
  stabilityStage,
  diversityStage,
  latencyStage,
];

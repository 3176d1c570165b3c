/** All stages in plan order. To add one: its file, and its line here. */
import { anchorsStage } from "./anchors.ts";
import { classifierStage } from "./classifier.ts";
import type { Stage } from "./contract.ts";
import { controlStage } from "./control.ts";
import { costStage } from "./cost.ts";
import { dataStage } from "./data.ts";
import { distillStage } from "./distill.ts";
import { diversityStage } from "./diversity.ts";
import { forwardStage } from "./forward.ts";
import { latencyStage } from "./latency.ts";
import { likelihoodStage } from "./likelihood.ts";
import { sensitivityStage } from "./sensitivity.ts";
import { stabilityStage } from "./stability.ts";
import { trainStage } from "./train.ts";

export { modelFacts } from "./models.ts";

export const stages: readonly Stage[] = [
  classifierStage,
  anchorsStage,
  forwardStage,
  trainStage,
  stabilityStage,
  sensitivityStage,
  diversityStage,
  likelihoodStage,
  controlStage,
  dataStage,
  distillStage,
  latencyStage,
  costStage,
];

/** All stages in plan order. To add one: its file, and its line here. */
import { anchorsStage } from "./anchors/run.ts";
import { classifierStage } from "./classifier/run.ts";
import type { Stage } from "./contract.ts";
import { controlStage } from "./control/run.ts";
import { costStage } from "./cost/run.ts";
import { dataStage } from "./data/run.ts";
import { distillStage } from "./distill/run.ts";
import { diversityStage } from "./diversity/run.ts";
import { forwardStage } from "./forward/run.ts";
import { latencyStage } from "./latency/run.ts";
import { likelihoodStage } from "./likelihood/run.ts";
import { sensitivityStage } from "./sensitivity/run.ts";
import { stabilityStage } from "./stability/run.ts";
import { trainStage } from "./train/run.ts";

export { modelFacts } from "./shared/models.ts";

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

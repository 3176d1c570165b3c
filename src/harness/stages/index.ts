/** All stages. To add one: its folder, and its line here, in options.ts, in records.ts and in readout/index.ts. */
import type { CellRecord } from "../record/index.ts";
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

export { judgeFacts } from "./shared/judges.ts";
export { modelFacts } from "./shared/models.ts";

/** In the order of the plan. */
const readers = {
  anchors: anchorsStage,
  forward: forwardStage,
  train: trainStage,
  stability: stabilityStage,
  sensitivity: sensitivityStage,
  diversity: diversityStage,
  likelihood: likelihoodStage,
  control: controlStage,
  data: dataStage,
  distill: distillStage,
  latency: latencyStage,
  cost: costStage,
} satisfies Record<Exclude<CellRecord["kind"], "classifier">, Stage>;

export const stages: readonly Stage[] = [classifierStage(Object.values(readers)), ...Object.values(readers)];

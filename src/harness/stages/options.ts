/** The stages that a suite may ask for, each with its options. To add one: its line here. */
import { controlOptions } from "./control/options.ts";
import { costOptions } from "./cost/options.ts";
import { dataOptions } from "./data/options.ts";
import { distillOptions } from "./distill/options.ts";
import { diversityOptions } from "./diversity/options.ts";
import { forwardOptions } from "./forward/options.ts";
import { latencyOptions } from "./latency/options.ts";
import { likelihoodOptions } from "./likelihood/options.ts";
import { sensitivityOptions } from "./sensitivity/options.ts";
import { stabilityOptions } from "./stability/options.ts";
import { tuneStageOptions } from "./tune/options.ts";

export { tuneOptions } from "./tune/options.ts";

export const stageOptions = {
  stability: stabilityOptions,
  sensitivity: sensitivityOptions,
  latency: latencyOptions,
  diversity: diversityOptions,
  control: controlOptions,
  data: dataOptions,
  forward: forwardOptions,
  likelihood: likelihoodOptions,
  cost: costOptions,
  distill: distillOptions,
  /** Of a run of `bench tune` alone, which makes it of the suite's `tune`. */
  tune: tuneStageOptions,
};

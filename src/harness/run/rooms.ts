/** The rooms that a run brings together, each loaded on first use: a command that only prints help loads no TensorFlow. */
import { childArguments } from "../../core/child.ts";
import type { EngineChoice, EngineRequest, OpenOptions, RungId } from "../../engine/choice/index.ts";
import type { Engine } from "../../engine/contract.ts";
import type { JudgeFacts, MetricFacts, ModelFacts } from "../record/index.ts";
import type { Stage } from "../stages/contract.ts";
import type { SuiteConfig } from "../suite/index.ts";

export interface Rooms {
  stages(): Promise<readonly Stage[]>;
  /** `labels`: how many the data has, for conditional models. */
  modelFacts(config: SuiteConfig, labels: number): Promise<ModelFacts[]>;
  /** Facts of the judges that nobody trains here. @throws USAGE, BAD_DATA for one that cannot be used */
  judgeFacts(config: SuiteConfig): Promise<JudgeFacts[]>;
  /** Facts of every metric, for run.json. */
  metricFacts(): Promise<MetricFacts[]>;
  /** `entry` is the script that probes run in. */
  chooseEngine(request: EngineRequest, entry: string): Promise<EngineChoice>;
  openEngine(rung: RungId, options: OpenOptions): Promise<Engine>;
}

export const harness: Rooms = {
  stages: async () => (await import("../stages/index.ts")).stages,
  modelFacts: async (config, labels) => (await import("../stages/index.ts")).modelFacts(config, labels),
  judgeFacts: async (config) => (await import("../stages/index.ts")).judgeFacts(config),
  metricFacts: async () => (await import("../../metrics/index.ts")).metricFacts(),
  async chooseEngine(request, entry) {
    const { chooseEngine, probeInChild } = await import("../../engine/choice/index.ts");
    return chooseEngine(request, probeInChild(process.execPath, [...childArguments(), entry]));
  },
  openEngine: async (rung, options) =>
    (await import("../../engine/choice/index.ts")).openEngine(rung, options),
};

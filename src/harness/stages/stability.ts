/** What the recorded curves say about training: spread, spikes, first and last values. */
import { coefficientOfVariation, mean, spikeScore, standardDeviation } from "../../core/statistics.ts";
import type { Curve, CurveStatistics } from "../record/schema.ts";
import type { PlannedCell, Stage } from "./contract.ts";
import { modelConfig } from "./models.ts";
import { cellIds } from "./names.ts";
import { perModelAndSeed } from "./train.ts";

export function curveStatistics({ quantity, values }: Curve): CurveStatistics | undefined {
  const [first, last] = [values[0], values.at(-1)];
  if (first === undefined || last === undefined) return undefined; // diverged at the first step: nothing to describe
  // once training has settled: the way down from the start is not instability
  const variation = coefficientOfVariation(values.slice(Math.floor(values.length / 2)));
  const spikes = spikeScore(values);
  return {
    quantity,
    count: values.length,
    mean: mean(values),
    sd: standardDeviation(values) ?? 0,
    ...(variation === undefined ? {} : { coefficientOfVariation: variation }),
    ...(spikes.defined ? { spikeScore: spikes.score } : {}),
    first,
    last,
  };
}

export const stabilityStage: Stage = {
  kind: "stability",
  title: "describes each model's losses and gradient norms over training",

  plan: (config) =>
    config.stages.stability
      ? perModelAndSeed(
          config,
          (model, seed): PlannedCell => ({
            id: cellIds.stability(model, seed),
            kind: "stability",
            needs: [cellIds.train(model, seed)],
            settings: { model, seed, family: modelConfig(config, model).type },
          }),
        )
      : [],

  async run({ cell, record }) {
    const { model, seed } = cell.settings as { model: string; seed: number };
    const trained = record("train", cellIds.train(model, seed));
    return {
      kind: "stability",
      model,
      seed,
      outcome: trained.outcome,
      statistics: trained.curves.flatMap((curve) => curveStatistics(curve) ?? []),
    };
  },
};

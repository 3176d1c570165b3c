/** How a training went: its curves, its quality on the way, and whether it failed. */
import {
  coefficientOfVariation,
  dominantOscillation,
  findSpikes,
  mean,
  OSCILLATION_P,
  spikeScore,
  standardDeviation,
} from "../../../core/statistics/index.ts";
import type {
  Curve,
  CurveStatistics,
  ScoredSnapshot,
  StabilityRecord,
  TrainRecord,
} from "../../record/index.ts";
import type { CellContext } from "../contract.ts";
import { defineStage } from "../shared/define.ts";
import { type Judged, judging } from "../shared/judges.ts";
import { createModel, modelConfig, scoringSetting, trainedWeights } from "../shared/models.ts";
import { cellIds, perModelAndSeed, trainedModels } from "../shared/plan.ts";
import { metricOf } from "../shared/quality.ts";
import { openScorer } from "../shared/scoring.ts";
import { checkTestImages } from "../shared/sets.ts";
import { evaluationsOf, modelOf, samplingWork } from "../shared/work.ts";
import { extremes, failureOf } from "./failure.ts";
import type { StabilityOptions } from "./options.ts";

/** Statistics of a recorded quantity; undefined for a training that diverged at the first step. */
export function curveStatistics({ quantity, steps, values }: Curve): CurveStatistics | undefined {
  const [first, last] = [values[0], values.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  // of the second half: the descent from the start is not instability
  const variation = coefficientOfVariation(values.slice(Math.floor(values.length / 2)));
  const spikes = spikeScore(values);
  const oscillation = dominantOscillation(values);
  return {
    quantity,
    count: values.length,
    mean: mean(values),
    sd: standardDeviation(values) ?? 0,
    coefficientOfVariation: variation,
    spikeScore: spikes.defined ? spikes.score : undefined,
    spikes: findSpikes(values).map((index) => steps[index]!),
    oscillation: oscillation.defined
      ? {
          period: oscillation.period,
          share: oscillation.share,
          p: oscillation.p,
          significant: oscillation.p < OSCILLATION_P,
        }
      : undefined,
    first,
    last,
  };
}

export const stabilityStage = defineStage({
  kind: "stability",
  title: "describes each model's training: curves, quality on the way, failure",

  options: ({ stages }) => stages.stability,

  plan: (stability, config) =>
    perModelAndSeed(config, "stability", trainedModels(config), (id, seed) => ({
      needs: [cellIds.train(id, seed), ...(stability.checkpoints > 0 ? judging(config).needs : [])],
      settings: {
        judge: judging(config).judge,
        scoring: scoringSetting(modelConfig(config, id)),
        ...stability,
      },
    })),

  check({ checkpoints, n }, dataset) {
    if (checkpoints > 0) checkTestImages("stability", n, dataset);
  },

  work({ n, checkpoints }, cell, config, facts) {
    const model = modelOf(cell, facts);
    const sets = checkpoints === 0 ? 0 : checkpoints + 2; // the best and the final once more
    return samplingWork(model, n * sets * evaluationsOf([scoringSetting(modelConfig(config, model.id))]));
  },

  async run(context, options) {
    const { model, seed } = context.cell.settings;
    const { checkpoints, saturatedAbove } = options;
    const trained = context.record("train", cellIds.train(model, seed));
    const accuracy = trained.curves.find(({ quantity }) => quantity === "discriminator_accuracy");
    return {
      kind: "stability",
      model,
      seed,
      outcome: trained.outcome,
      divergence: trained.divergence,
      statistics: trained.curves.flatMap((curve) => curveStatistics(curve) ?? []),
      saturation:
        accuracy && accuracy.values.length > 0
          ? { threshold: saturatedAbove, share: saturatedShare(accuracy.values, saturatedAbove) }
          : undefined,
      ...(checkpoints > 0 &&
        trained.outcome === "trained" &&
        (await overTraining(context, trained, options))),
    };
  },
});

/** Share of the values of the second half at or above the threshold. */
export function saturatedShare(values: readonly number[], threshold: number): number {
  const settled = values.slice(Math.floor(values.length / 2));
  return settled.filter((value) => value >= threshold).length / settled.length;
}

/** Weights on the way through a training, or at its end. */
type Point = Pick<TrainRecord["snapshots"][number], "step" | "seconds" | "checkpoint">;

/**
 * Quality at every snapshot and at the end. The best is chosen against images that only choose, then it and the final
 * one are sampled afresh and scored against the reference, because the least of noisy values is too low.
 */
async function overTraining(
  context: CellContext<{ seed: number }>,
  trained: TrainRecord,
  options: StabilityOptions,
): Promise<Pick<StabilityRecord, "quality" | "collapse" | "bound">> {
  const { n } = options;
  const { config, labels, out, progress } = context;
  const { model: id, steps, seconds, checkpoint, imagesSeen } = trained;
  const model = createModel(config, id, labels);
  const scorer = await openScorer(context, model, modelConfig(config, id), n);
  const end: Point = { step: steps, seconds, checkpoint };
  const points = [...trained.snapshots, end];
  const score = async ({ step, checkpoint }: Point, stream: string, against?: Judged) => {
    const { weights } = await trainedWeights(out, model, checkpoint);
    return scorer.score(weights, `${stream} ${step}`, against);
  };
  const snapshots: ScoredSnapshot[] = [];
  for (const point of points) {
    const { step, seconds } = point;
    const quality = await score(point, "step", scorer.choosing);
    snapshots.push({ step, imagesSeen: step * (imagesSeen / steps), seconds, quality });
    progress({ done: snapshots.length, total: points.length + 2, note: `${id} at step ${step}` });
  }
  const fids = snapshots.map(({ quality }) => metricOf(quality, "fid"));
  const chosen = points[fids.indexOf(Math.min(...fids))]!;
  const fresh = async (point: Point) => ({ step: point.step, quality: await score(point, "fresh") });
  const best = await fresh(chosen);
  const final = chosen === end ? best : await fresh(end);
  const fid = metricOf(final.quality, "fid");
  const dataset = await context.dataset();
  const failure = failureOf(await extremes(scorer, dataset, n, config.seed), final.quality, dataset, options);
  scorer.dispose();
  return {
    quality: {
      ...scorer.setting,
      snapshots,
      best,
      final,
      finalOverBest: fid / metricOf(best.quality, "fid"),
    },
    ...failure,
  };
}

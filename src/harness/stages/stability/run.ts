/** What training was like: its curves, its quality on the way, and whether it collapsed. */
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
  Collapse,
  Curve,
  CurveStatistics,
  Quality,
  ScoredSnapshot,
  StabilityRecord,
  TrainRecord,
} from "../../record/index.ts";
import type { CellContext, PlannedCell, Stage } from "../contract.ts";
import { createModel, modelConfig, scoringSetting, trainedWeights } from "../shared/models.ts";
import { cellIds } from "../shared/names.ts";
import { checkTestImages, floorImages, metricOf, modesReached } from "../shared/quality.ts";
import { openScorer } from "../shared/scoring.ts";
import { modelOf, samplingWork } from "../shared/work.ts";
import { perModelAndSeed } from "../train/run.ts";

export function curveStatistics({ quantity, steps, values }: Curve): CurveStatistics | undefined {
  const [first, last] = [values[0], values.at(-1)];
  if (first === undefined || last === undefined) return undefined; // diverged at the first step: nothing to describe
  // once training has settled: the way down from the start is not instability
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

export const stabilityStage: Stage = {
  kind: "stability",
  title: "describes each model's training: curves, quality on the way, collapse",

  plan(config) {
    const { stability } = config.stages;
    if (!stability) return [];
    return perModelAndSeed(
      config,
      (model, seed): PlannedCell => ({
        id: cellIds.stability(model, seed),
        kind: "stability",
        needs: [cellIds.train(model, seed), ...(stability.checkpoints > 0 ? [cellIds.classifier] : [])],
        settings: { model, seed, scoring: scoringSetting(modelConfig(config, model)), ...stability },
      }),
    );
  },

  check({ stages: { stability } }, dataset) {
    if (stability && stability.checkpoints > 0) checkTestImages("stability", stability.n, dataset);
  },

  work(cell, config, models) {
    const model = modelOf(cell, models);
    const { n = 0, checkpoints = 0 } = config.stages.stability ?? {};
    const sets = checkpoints === 0 ? 0 : checkpoints + 2; // best and final once more
    return samplingWork(model, n * sets * scoringSetting(modelConfig(config, model.id)).steps);
  },

  async run(context): Promise<StabilityRecord> {
    const { cell, config, record } = context;
    const { model, seed } = cell.settings as { model: string; seed: number };
    const { checkpoints, saturatedAbove } = config.stages.stability!;
    const trained = record("train", cellIds.train(model, seed));
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
      ...(checkpoints > 0 && trained.outcome === "trained" ? await overTraining(context, trained) : {}),
    };
  },
};

/** Whether modes were lost: fewer than the threshold's share of those that as many real images reach. */
export function collapseOf(modes: number, realModes: number, threshold: number): Collapse {
  return { modes, realModes, threshold, collapsed: modes < threshold * realModes };
}

/** Share of the values of the second half at or above the threshold. */
export function saturatedShare(values: readonly number[], threshold: number): number {
  const settled = values.slice(Math.floor(values.length / 2));
  return settled.filter((value) => value >= threshold).length / settled.length;
}

/**
 * Quality at every snapshot and at the end. The best is chosen against images that only choose, then it and the final
 * one are sampled afresh and scored against the reference, because the least of noisy values is too low.
 */
async function overTraining(
  context: CellContext,
  trained: TrainRecord,
): Promise<Pick<StabilityRecord, "quality" | "collapse">> {
  const { config, labels, out, dataset: load, progress } = context;
  const { model: id, seed } = trained;
  const { n, collapseBelow } = config.stages.stability!;
  const model = createModel(config, id, labels);
  const dataset = await load();
  const scorer = await openScorer(context, dataset, model, modelConfig(config, id), { seed, n });
  const points = [
    ...trained.snapshots,
    { step: trained.steps, seconds: trained.seconds, checkpoint: trained.checkpoint },
  ];
  const batch = trained.imagesSeen / trained.steps;
  const weightsAt = (point: (typeof points)[number]) => trainedWeights(out, model, point.checkpoint);
  const snapshots: ScoredSnapshot[] = [];
  for (const point of points) {
    const quality = await scorer.score(await weightsAt(point), {
      stream: `step ${point.step}`,
      against: "choosing",
    });
    snapshots.push({ step: point.step, imagesSeen: point.step * batch, seconds: point.seconds, quality });
    progress({ done: snapshots.length, total: points.length + 2, note: `${id} at step ${point.step}` });
  }
  const fids = snapshots.map(({ quality }) => metricOf(quality, "fid"));
  const chosen = points[fids.indexOf(Math.min(...fids))]!;
  const fresh = async (point: (typeof points)[number]): Promise<{ step: number; quality: Quality }> => ({
    step: point.step,
    quality: await scorer.score(await weightsAt(point), { stream: `fresh ${point.step}` }),
  });
  const best = await fresh(chosen);
  const final = chosen === points.at(-1) ? best : await fresh(points.at(-1)!);
  const real = new Set((await scorer.judge.judge(floorImages(dataset, n))).assignments).size;
  scorer.dispose();
  return {
    quality: {
      ...scorer.setting,
      snapshots,
      best,
      final,
      finalOverBest: metricOf(final.quality, "fid") / metricOf(best.quality, "fid"),
    },
    collapse: collapseOf(modesReached(final.quality), real, collapseBelow),
  };
}

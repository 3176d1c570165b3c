/** Scores a model's samples during or after training: one judge, one reference, one setting. */
import { rng } from "../../../core/rng.ts";
import type { MetricName } from "../../../metrics/index.ts";
import type { Model, State } from "../../../models/index.ts";
import type { Dataset } from "../../datasets/contract.ts";
import type { Quality } from "../../record/index.ts";
import type { ModelConfig } from "../../suite/index.ts";
import { type Judge, openJudge } from "../classifier/run.ts";
import type { CellContext } from "../contract.ts";
import { recorded, scoringSetting } from "./models.ts";
import { cellIds } from "./names.ts";
import { floorImages, measureQuality, protocolOf, referenceImages, SNAPSHOT_METRICS } from "./quality.ts";
import { generateImages, sampledLabels } from "./sampling.ts";

/** Images per request while samples are made for scoring. */
const BATCH = 64;
/** Neighbours of coverage and its like where the suite sets none. */
const NEIGHBOURS = 5;

export interface Scorer {
  readonly judge: Judge;
  readonly setting: { readonly sampler: string; readonly steps: number };
  /**
   * n samples of these weights, drawn from the named stream, against the reference (default) or against as many other
   * test images that only serve to choose.
   */
  score(
    weights: State,
    options: { stream: string; against?: "reference" | "choosing"; metrics?: readonly MetricName[] },
  ): Promise<Quality>;
  dispose(): void;
}

export async function openScorer(
  context: Pick<CellContext, "engine" | "out" | "record" | "config">,
  dataset: Dataset,
  model: Model,
  configured: ModelConfig,
  { seed, n }: { seed: number; n: number },
): Promise<Scorer> {
  const { engine, out, record, config } = context;
  const judge = await openJudge(engine, out, dataset, record("classifier", cellIds.classifier));
  const protocol = protocolOf(dataset, { n, k: config.stages.diversity?.k ?? NEIGHBOURS });
  const setting = scoringSetting(configured);
  const real = {
    reference: await judge.judge(referenceImages(dataset, n)),
    choosing: await judge.judge(floorImages(dataset, n)),
  };
  return {
    judge,
    setting: recorded(setting),
    async score(weights, { stream: name, against = "reference", metrics = SNAPSHOT_METRICS }) {
      const generator = await model.generator(engine, weights, setting, BATCH);
      const stream = rng(seed).fold("score").fold(name);
      const images = await generateImages(generator, stream, n, sampledLabels(model, dataset, stream));
      const made = { ...recorded(setting), networkEvaluations: generator.networkEvaluations };
      generator.dispose();
      return measureQuality(judge, images, real[against], made, protocol, { metrics });
    },
    dispose: () => judge.dispose(),
  };
}

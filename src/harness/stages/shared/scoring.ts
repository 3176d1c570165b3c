/** Scores samples with one judge, one reference and one protocol. */
import type { ByteImages } from "../../../core/images.ts";
import { rng } from "../../../core/rng.ts";
import type { Sample } from "../../../metrics/contract.ts";
import { metricsFor, needTraining } from "../../../metrics/index.ts";
import type { Model, State } from "../../../models/index.ts";
import type { Grid } from "../../record/index.ts";
import type { ModelConfig } from "../../suite/index.ts";
import type { CellContext } from "../contract.ts";
import { diversityOptions } from "../diversity/options.ts";
import { targetsOf } from "./judge.ts";
import { type Judged, openJudges } from "./judges.ts";
import { recorded, scoringSetting } from "./models.ts";
import { copyingOf, type QualityOptions, qualityOf, type Sampled } from "./quality.ts";
import { sampleImages } from "./sampling.ts";
import { referenceImages, trainingImages, validationImages } from "./sets.ts";

export type Scoring = Awaited<ReturnType<typeof openScoring>>;

/** Options of a quality: against another real sample than the reference. */
type ScoringOptions = QualityOptions & { readonly against?: Sample };

/** The run's judges, and a reference of n test images. */
export async function openScoring(context: CellContext, n: number) {
  const dataset = await context.dataset();
  const judges = await openJudges(context);
  const images = referenceImages(dataset, n);
  const reference = await judges.judge(images);
  const usual = context.config.stages.diversity ?? diversityOptions.parse({});
  const modes = targetsOf(dataset, dataset.test).names.length;
  let real: ReturnType<typeof judges.confirm> | undefined;
  let training: Promise<Judged> | undefined;
  const confirmed = async (sample: ByteImages): Promise<QualityOptions["confirmed"]> => {
    if (judges.confirming === 0) return undefined;
    real ??= judges.confirm(images);
    return { sample: await judges.confirm(sample), real: await real };
  };
  /** Quality of a judged sample against the reference; the training images are judged once, where a metric needs them. */
  const quality = async (sample: Judged, made: Sampled, options: ScoringOptions = {}) => {
    const { against = reference, metrics = metricsFor("setting"), ...others } = options;
    if (needTraining(metrics)) training ??= judges.judge(trainingImages(dataset, n));
    const sets = { real: against, training: await training };
    return qualityOf(sample, sets, made, { k: usual.k, modes }, { metrics, ...others });
  };
  return {
    ...judges,
    quality,
    /** Quality of a compared set against the reference, by every judge. */
    async compared(sample: ByteImages, made: Sampled, picture?: Grid) {
      return quality(await judges.judge(sample), made, { picture, confirmed: await confirmed(sample) });
    },
    /** Whether a judged sample copies these training images. */
    copying: (sample: Judged, made: Sampled, of: Judged) =>
      copyingOf(sample, { real: reference, training: of }, made, modes),
  };
}

export async function openScorer(
  context: CellContext<{ seed: number }>,
  model: Model,
  configured: ModelConfig,
  n: number,
) {
  const scoring = await openScoring(context, n);
  const setting = scoringSetting(configured);
  const streams = rng(context.cell.settings.seed).fold("score");
  return {
    ...scoring,
    setting: recorded(setting),
    /** Images that only choose: what is chosen on them can be scored against the reference without bias. */
    choosing: await scoring.judge(validationImages(await context.dataset(), n)),
    /** Quality over training: n samples of these weights, drawn from the named stream, at the model's one scoring setting. */
    async score(weights: State, stream: string, against?: Sample) {
      const request = { setting, stream: streams.fold(stream), n };
      const { images, made } = await sampleImages(context, { model, weights }, request);
      return scoring.quality(await scoring.judge(images), made, { against, metrics: metricsFor("snapshot") });
    },
  };
}

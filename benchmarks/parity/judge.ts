/** FID of either side's weights: images from our samplers, features from one classifier, one reference. */
import { rng } from "../../src/core/rng.ts";
import type { Engine } from "../../src/engine/contract.ts";
import type { Dataset } from "../../src/harness/datasets/contract.ts";
import { trainJudge } from "../../src/harness/stages/classifier/run.ts";
import { judgeOf, targetsOf } from "../../src/harness/stages/shared/judge.ts";
import { sampleImages } from "../../src/harness/stages/shared/sampling.ts";
import type { SuiteConfig } from "../../src/harness/suite/index.ts";
import { metrics } from "../../src/metrics/index.ts";
import type { Model, SamplerSetting, State } from "../../src/models/index.ts";
import type { Score } from "./results.ts";

export type Fid = Awaited<ReturnType<typeof openFid>>;

/** The setting at which a model's images are scored. */
export const settingOf = ({ onePass }: Model): SamplerSetting =>
  onePass ? { sampler: "none", steps: 1 } : { sampler: "ddim", steps: 20 };

/** The state as a finished training has it: batch statistics of the weights that are sampled, whoever trained them. */
async function settledState(engine: Engine, model: Model, state: State, dataset: Dataset): Promise<State> {
  const { labels } = targetsOf(dataset, dataset.train);
  return (await model.settled?.(engine, state, labels)) ?? state;
}

/** The whole test split is the reference, and as many images are drawn; equal seeds draw equal noise for every set of weights. */
export async function openFid(engine: Engine, dataset: Dataset, { classifier }: SuiteConfig) {
  const { tensors, accuracy } = await trainJudge(engine, dataset, classifier, () => {});
  const judge = await judgeOf(engine, dataset, tensors, "the classifier just trained");
  const reference = await judge.judge(dataset.test.images);
  const n = dataset.test.images.count;
  return {
    n,
    accuracy,
    async score(model: Model, state: State, seed: number): Promise<Score> {
      const { images } = await sampleImages(
        { engine, dataset: async () => dataset },
        { model, weights: model.samplingWeights(await settledState(engine, model, state, dataset)) },
        { setting: settingOf(model), stream: rng(seed).fold("parity"), n },
      );
      const { value, interval } = metrics.fid.estimate(await judge.judge(images), reference, {});
      if (!interval) throw new Error(`${n} images are too few for an interval of FID`);
      return { fid: value, low: interval.low, high: interval.high };
    },
    dispose: () => judge.dispose(),
  };
}

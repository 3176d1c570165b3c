/** Quality and coverage of a trained model at every sampling setting of the suite, from the same seeds at each. */

import { plural } from "../../../core/format.ts";
import { toBytes } from "../../../core/images.ts";
import { rng } from "../../../core/rng.ts";
import type { State } from "../../../models/index.ts";
import type { DiversityRecord, Grid, Quality } from "../../record/index.ts";
import type { CellContext } from "../contract.ts";
import { defineStage } from "../shared/define.ts";
import { judging } from "../shared/judges.ts";
import { modelConfig, recorded, samplerSettings, scoringSetting } from "../shared/models.ts";
import { publishNeighbours, SHOWN } from "../shared/neighbours.ts";
import { type OpenModel, openModel } from "../shared/open.ts";
import { perModelAndSeed, trainingOf } from "../shared/plan.ts";
import { publishGrid } from "../shared/quality.ts";
import { sampleImages } from "../shared/sampling.ts";
import { openScoring, type Scoring } from "../shared/scoring.ts";
import { evaluationsOf, modelOf, samplingWork } from "../shared/work.ts";

/** Shape of the picture of how a model makes images. */
const ILLUSTRATION = { rows: 4, columns: 10 };

export const diversityStage = defineStage({
  kind: "diversity",
  title: "measures quality, diversity and modes of each model at every sampler and step count",

  options: ({ stages }) => stages.diversity,

  plan: (diversity, config) =>
    perModelAndSeed(config, "diversity", Object.keys(config.models), (id, seed) => ({
      needs: [...judging(config).needs, ...trainingOf(config, id, seed)],
      settings: { judge: judging(config).judge, sampling: modelConfig(config, id).sampling, ...diversity },
    })),

  work({ n }, cell, config, facts) {
    const model = modelOf(cell, facts);
    const configured = modelConfig(config, model.id);
    const scored = evaluationsOf([scoringSetting(configured)]);
    const again = (n + SHOWN + ILLUSTRATION.rows) * scored; // raw weights, and pictures
    return samplingWork(model, n * evaluationsOf(samplerSettings(configured.sampling)) + again);
  },

  async run(context, { n, batch, grid }) {
    const { out, progress } = context;
    const opened = await openModel(context);
    const { id, seed, configured } = opened;
    const scoring = await openScoring(context, n);
    const settings = samplerSettings(configured.sampling);
    const total = evaluationsOf(settings);
    const name = `samples/${id}-seed-${seed}`;
    const qualities: Quality[] = [];
    let before = 0;
    for (const setting of settings) {
      const { images, made } = await sampleImages(context, opened, {
        setting,
        stream: rng(seed).fold("sample"),
        n,
        batch,
        onBatch: (done) =>
          progress({
            done: before + evaluationsOf([setting]) * (done / n),
            total,
            note: `${recorded(setting).sampler} ${setting.steps}`,
          }),
      });
      before += evaluationsOf([setting]);
      const onePass = setting.sampler === "none";
      const path = onePass ? "one-pass" : `${fileName(made.sampler)}-${setting.steps}`;
      const caption = onePass ? "one pass" : `${made.sampler}, ${plural(setting.steps, "step")}`;
      const picture = await publishGrid(out, `${name}-${path}.png`, images, grid, caption);
      qualities.push(await scoring.compared(images, made, picture));
    }
    const weights = await scoreWeights(context, opened, { scoring, qualities, n, batch });
    scoring.dispose();
    return {
      kind: "diversity",
      model: id,
      seed,
      settings: qualities,
      weights,
      illustration: await publishIllustration(context, opened, `${name}-illustration.png`),
      neighbours: await publishNearest(context, opened, `${name}-nearest.png`),
    };
  },
});

/** The scoring setting with the weights that are sampled, and with raw ones where those are averaged. */
async function scoreWeights(
  context: CellContext,
  opened: OpenModel,
  {
    scoring,
    qualities,
    n,
    batch,
  }: { scoring: Scoring; qualities: readonly Quality[]; n: number; batch: number },
): Promise<DiversityRecord["weights"]> {
  const { trained, model, seed, configured } = opened;
  if (!trained) return undefined;
  const setting = scoringSetting(configured);
  const score = async (weights: State) => {
    const request = { setting, stream: rng(seed).fold("sample"), n, batch };
    const { images, made } = await sampleImages(context, { model, weights }, request);
    return scoring.compared(images, made);
  };
  const { sampler, steps } = recorded(setting);
  const swept = qualities.find((quality) => quality.sampler === sampler && quality.steps === steps);
  const sampled = swept ? { ...swept, grid: undefined } : await score(trained.weights);
  return [
    { weights: trained.averaged ? "averaged" : "raw", quality: sampled },
    ...(trained.raw ? [{ weights: "raw" as const, quality: await score(trained.raw) }] : []),
  ];
}

/** A setting's label as part of a file name. */
const fileName = (label: string): string => label.replaceAll(/[^a-z0-9.+-]+/gi, "-");

/** How the model makes an image, at its scoring setting. */
async function publishIllustration(
  { engine, out }: CellContext,
  { model, weights, configured, seed }: OpenModel,
  path: string,
): Promise<Grid | undefined> {
  const stream = rng(seed).fold("illustration");
  const setting = scoringSetting(configured);
  const drawn = await model.illustrate?.(engine, weights, setting, stream, ILLUSTRATION);
  if (!drawn) return undefined;
  const { images, rows, columns, caption } = drawn;
  return publishGrid(out, path, toBytes(images), rows * columns, caption, columns);
}

/** The first samples at the scoring setting, each above its nearest training image. */
async function publishNearest(context: CellContext, opened: OpenModel, path: string): Promise<Grid> {
  const { images } = await sampleImages(context, opened, {
    setting: scoringSetting(opened.configured),
    stream: rng(opened.seed).fold("sample"),
    n: SHOWN,
    batch: SHOWN,
  });
  const { train } = await context.dataset();
  return publishNeighbours(context.out, path, images, train.images);
}

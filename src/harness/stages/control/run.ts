/**
 * Control over the content of images: whether samples have the labels asked for, over guidance weights, beside quality and
 * coverage; and holes in test images filled.
 */
import { rng } from "../../../core/rng.ts";
import { wilsonInterval } from "../../../core/statistics/index.ts";
import type { SamplerSetting } from "../../../models/index.ts";
import type { ControlPoint, Inpainting } from "../../record/index.ts";
import type { SuiteConfig } from "../../suite/index.ts";
import type { CellContext } from "../contract.ts";
import { defineStage } from "../shared/define.ts";
import { type Judge, openJudge } from "../shared/judge.ts";
import { isFreelySampled, modelConfig, recorded, scoringSetting } from "../shared/models.ts";
import { type OpenModel, openModel } from "../shared/open.ts";
import { cellIds, namedModels, perModelAndSeed, trainingOf } from "../shared/plan.ts";
import { sampledLabels, sampleImages } from "../shared/sampling.ts";
import { openScoring, type Scoring } from "../shared/scoring.ts";
import { checkShownImages, checkTestImages } from "../shared/sets.ts";
import { modelOf, samplingWork, stepsOf } from "../shared/work.ts";
import { measureInpainting } from "./inpainting.ts";

const CONFIDENCE = 0.95;

/** Settings at which labels are asked for: each guidance weight, or the one way of a model that takes none. */
function guidedSettings(
  config: SuiteConfig,
  id: string,
  { classes }: { readonly classes: number },
  weights: readonly number[],
): { setting: SamplerSetting; guidance?: number }[] {
  const setting = scoringSetting(modelConfig(config, id));
  if (classes === 0) return [];
  if (!isFreelySampled(config, id)) return [{ setting }];
  return weights.map((guidance) => ({
    guidance,
    setting: { ...setting, options: { ...setting.options, guidance } },
  }));
}

export const controlStage = defineStage({
  kind: "control",
  title: "asks for labels over guidance weights, and fills holes in test images",

  options: ({ stages }) => stages.control,

  plan: (control, config) =>
    perModelAndSeed(
      config,
      "control",
      namedModels(Object.keys(config.models), control.models),
      (id, seed) => ({
        needs: [cellIds.classifier, cellIds.secondClassifier, ...trainingOf(config, id, seed)],
        settings: { scoring: scoringSetting(modelConfig(config, id)), ...control },
      }),
    ),

  check(control, dataset) {
    checkTestImages("control", control.n, dataset);
    checkShownImages("control.images", control.images, dataset);
  },

  work({ n, images, masks, guidance }, cell, config, facts) {
    const model = modelOf(cell, facts);
    const guided = guidedSettings(config, model.id, model, guidance);
    const conditional = stepsOf(guided.map(({ setting }) => setting));
    const unconditional = stepsOf(guided.flatMap(({ setting, guidance }) => (guidance ? [setting] : [])));
    const filled = masks.length * images * scoringSetting(modelConfig(config, model.id)).steps;
    return samplingWork(model, n * (conditional + unconditional) + filled);
  },

  async run(context, control) {
    const { config, progress } = context;
    const opened = await openModel(context);
    const { id, seed, model, configured } = opened;
    const first = await openScoring(context, control.n);
    const second = await openJudge(context, cellIds.secondClassifier);
    const guided = guidedSettings(config, id, model, control.guidance);
    const masks = model.inpainter ? control.masks : [];
    const total = guided.length + masks.length;
    const points: ControlPoint[] = [];
    for (const { setting, guidance } of guided) {
      points.push({
        guidance,
        ...(await askForLabels(context, opened, { first, second }, setting, control.n)),
      });
      progress({ done: points.length, total, note: `${id} ${recorded(setting).sampler}` });
    }
    const inpainting: Inpainting[] = [];
    for (const mask of masks) {
      const filled = await measureInpainting(context, opened, {
        judge: first,
        options: control.inpainting[id] ?? {},
        mask,
        images: control.images,
        progress: (done) =>
          progress({
            done: points.length + inpainting.length + done / control.images,
            total,
            note: `${id} fills the ${mask}`,
          }),
      });
      inpainting.push(filled);
    }
    first.dispose();
    second.dispose();
    return {
      kind: "control",
      model: id,
      seed,
      ...recorded(scoringSetting(configured)),
      points,
      inpainting,
    };
  },
});

/** Labels are asked for as often as the training images have them, the same ones of the same seeds at every weight. */
async function askForLabels(
  context: CellContext,
  opened: OpenModel,
  judges: { readonly first: Scoring; readonly second: Judge },
  setting: SamplerSetting,
  n: number,
): Promise<Omit<ControlPoint, "guidance">> {
  const { model, seed } = opened;
  const stream = rng(seed).fold("control");
  const labelOf = sampledLabels(model, await context.dataset(), stream)!;
  const { images, made, milliseconds } = await sampleImages(context, opened, { setting, stream, n });
  const judged = await judges.first.judge(images);
  const second = await judges.second.judge(images);
  const accuracy = (assignments: Uint16Array) => {
    const right = assignments.filter((assigned, i) => assigned === labelOf(i)).length;
    return { value: right / n, ...wilsonInterval(right, n, CONFIDENCE), confidence: CONFIDENCE };
  };
  const perLabel = Array.from({ length: model.classes }, () => ({ asked: 0, right: 0 }));
  for (const [i, assigned] of judged.assignments.entries()) {
    const entry = perLabel[labelOf(i)]!;
    entry.asked++;
    if (assigned === labelOf(i)) entry.right++;
  }
  return {
    accuracy: accuracy(judged.assignments),
    secondAccuracy: accuracy(second.assignments),
    perLabel,
    millisecondsPerImage: milliseconds / n,
    networkEvaluations: made.networkEvaluations,
    quality: judges.first.quality(judged, made),
  };
}

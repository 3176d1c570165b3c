/**
 * Control over the content of images: whether samples have the labels asked for, over guidance weights, beside quality and
 * coverage; holes in real images filled; and what a classifier learns of real images from generated ones.
 */
import type { ByteImages } from "../../../core/images.ts";
import type { Sampled, SamplerSetting } from "../../../models/index.ts";
import { baseName, type Cas, type ControlPoint, type Inpainting } from "../../record/index.ts";
import type { SuiteConfig } from "../../suite/index.ts";
import type { CellContext } from "../contract.ts";
import { range } from "../shared/batches.ts";
import { defineStage } from "../shared/define.ts";
import { type Judge, openJudge } from "../shared/judge.ts";
import { judging } from "../shared/judges.ts";
import { modelConfig, recorded, scoringSetting } from "../shared/models.ts";
import { type OpenModel, openModel } from "../shared/open.ts";
import { cellIds, namedModels, perModelAndSeed, trainingOf } from "../shared/plan.ts";
import { metricOf, NOT_SAMPLED } from "../shared/quality.ts";
import { openScoring, type Scoring } from "../shared/scoring.ts";
import { checkShownImages, checkTestImages, referenceSet, validationImages } from "../shared/sets.ts";
import { addWork, evaluationsOf, modelOf, noWork, samplingWork } from "../shared/work.ts";
import { measureCas } from "./cas.ts";
import { type Candidate, chosenWeight } from "./choice.ts";
import { fillsOf, measureInpainting, type Scored } from "./inpainting.ts";
import { askedImages, askForLabels, askToChoose } from "./labels.ts";
import type { controlOptions } from "./options.ts";

type Options = ReturnType<typeof controlOptions.parse>;

/** Images of each set that only chooses. */
const choosing = ({ n, validation = Math.ceil(n / 2) }: Pick<Options, "n" | "validation">) => validation;

/** What the ways to ask a model depend on. */
type Conditional = Pick<Sampled, "classes" | "drawsUnlabelled">;

/** Settings at which labels are asked for: each guidance weight, or the one way of a model that takes none. */
function guidedSettings(
  config: SuiteConfig,
  id: string,
  { classes, drawsUnlabelled = false }: Conditional,
  weights: readonly number[],
): { setting: SamplerSetting; guidance?: number }[] {
  const setting = scoringSetting(modelConfig(config, id));
  if (classes === 0) return [];
  if (!drawsUnlabelled) return [{ setting }];
  return weights.map((guidance) => ({
    guidance,
    setting: { ...setting, options: { ...setting.options, guidance } },
  }));
}

/** Whether a model is told the label of what it fills: both ways where it has both, so that like is compared with like. */
function waysToFill({ classes, drawsUnlabelled = false }: Conditional): boolean[] {
  if (classes === 0) return [false];
  return drawsUnlabelled ? [true, false] : [true];
}

/** The classifiers that tell whether a label was met, whoever judges quality. */
const LABELLING = [cellIds.classifier, cellIds.secondClassifier];

export const controlStage = defineStage({
  kind: "control",
  title:
    "asks for labels over guidance weights, fills holes in real images, and trains a classifier on samples",

  options: ({ stages }) => stages.control,

  plan: (control, config) =>
    perModelAndSeed(
      config,
      "control",
      namedModels(Object.keys(config.models), control.models),
      (id, seed) => ({
        needs: [...new Set([...judging(config).needs, ...LABELLING]), ...trainingOf(config, id, seed)],
        settings: {
          judge: judging(config).judge,
          scoring: scoringSetting(modelConfig(config, id)),
          ...control,
        },
      }),
    ),

  check(control, dataset) {
    checkTestImages("control", control.n, dataset);
    checkShownImages("control.validation", choosing(control), dataset);
    checkShownImages("control.images", control.images, dataset);
  },

  work(control, cell, config, facts) {
    const { n, masks, guidance, cas } = control;
    const model = modelOf(cell, facts);
    const guided = guidedSettings(config, model.id, model, guidance);
    const scoring = evaluationsOf([scoringSetting(modelConfig(config, model.id))]);
    const asked =
      (n + (guided.length > 1 ? choosing(control) : 0)) * evaluationsOf(guided.map(({ setting }) => setting));
    const filled = masks.length * waysToFill(model).length * fillsOf(control) * scoring;
    const learned = cas && model.classes > 0 ? cas : { n: 0, images: 0 };
    return addWork(samplingWork(model, asked + filled + learned.n * scoring), {
      ...noWork,
      trainingImages: 2 * learned.images,
    });
  },

  async run(context, control) {
    const opened = await openModel(context);
    const { id, seed, model, configured } = opened;
    const scoring = await openScoring(context, control.n);
    const labelling = await openJudge(context);
    const judges = { scoring, labelling };
    const guided = guidedSettings(context.config, id, model, control.guidance);
    const holes = model.inpainter
      ? control.masks.flatMap((mask) => waysToFill(model).map((told) => ({ mask, told })))
      : [];
    const cas = control.cas && model.classes > 0 ? control.cas : undefined;
    const total = guided.length + holes.length + (cas ? 1 : 0);
    const points = await steer(context, opened, judges, control, guided, (done, note) =>
      context.progress({ done, total, note }),
    );
    const inpainting: Inpainting[] = [];
    for (const { mask, told } of holes)
      inpainting.push(
        await measureInpainting(context, opened, {
          ...control,
          score: (images) => scoreOf(judges, images),
          reference: control.n,
          options: control.inpainting[id] ?? {},
          mask,
          told,
          progress: (done) =>
            context.progress({
              done: guided.length + inpainting.length + done / fillsOf(control),
              total,
              note: `${id} fills the ${mask}`,
            }),
        }),
      );
    scoring.dispose();
    labelling.dispose();
    return {
      kind: "control",
      model: id,
      seed,
      ...recorded(scoringSetting(configured)),
      points,
      chosenGuidance: chosenWeight(points.flatMap(candidateOf)),
      inpainting,
      cas:
        cas &&
        (await taughtClassifier(context, opened, { ...cas, tested: control.n }, (share) =>
          context.progress({ done: total - 1 + share, total, note: `a classifier learns from ${id}` }),
        )),
    };
  },
});

/** Who judges quality, and who says what label an image has. */
interface Judges {
  readonly scoring: Scoring;
  readonly labelling: Judge;
}

/** Labels asked for at each setting and, where there are several to choose from, the samples that choose. */
async function steer(
  context: CellContext,
  opened: OpenModel,
  judges: Judges,
  control: Options,
  guided: ReturnType<typeof guidedSettings>,
  progress: (done: number, note: string) => void,
): Promise<ControlPoint[]> {
  if (guided.length === 0) return [];
  const { n } = control;
  const others = choosing(control);
  const second = await openJudge(context, cellIds.secondClassifier);
  const against =
    guided.length > 1
      ? await judges.scoring.judge(validationImages(await context.dataset(), others))
      : undefined;
  const points: ControlPoint[] = [];
  for (const { setting, guidance } of guided) {
    points.push({
      guidance,
      ...(await askForLabels(context, opened, { ...judges, second }, { setting, n })),
      validation: against && (await askToChoose(context, opened, judges, against, { setting, n: others })),
    });
    progress(points.length, `${opened.id} ${recorded(setting).sampler}`);
  }
  second.dispose();
  return points;
}

/** What the samples that choose say of a weight. */
function candidateOf({ guidance, validation }: ControlPoint): Candidate[] {
  if (guidance === undefined || !validation) return [];
  const { accuracy, quality } = validation;
  const coverage = quality.metrics.find(({ metric }) => baseName(metric) === "coverage")?.value;
  return [{ guidance, accuracy: accuracy.value, coverage }];
}

async function scoreOf({ scoring, labelling }: Judges, images: ByteImages): Promise<Scored> {
  const { assignments } = await labelling.judge(images);
  const quality = await scoring.quality(await scoring.judge(images), NOT_SAMPLED, {
    metrics: ["fid", "kid"],
  });
  return { assignments, fid: metricOf(quality, "fid"), kid: metricOf(quality, "kid") };
}

/** Of samples at the scoring setting, without more guidance than that has. */
async function taughtClassifier(
  context: CellContext,
  opened: OpenModel,
  { n, images, tested }: { readonly n: number; readonly images: number; readonly tested: number },
  progress: (share: number) => void,
): Promise<Cas> {
  const dataset = await context.dataset();
  const taught = await askedImages(context, opened, "cas", {
    setting: scoringSetting(opened.configured),
    n: Math.min(n, dataset.train.images.count),
  });
  const labels = range(0, taught.images.count).map(taught.labelOf);
  return measureCas(
    context,
    { images: taught.images, labels },
    {
      seed: opened.seed,
      batch: context.config.classifier.batch,
      images,
      test: referenceSet(dataset, tested),
      progress,
    },
  );
}

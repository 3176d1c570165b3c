/**
 * Whether a model does as it is told: the labels of samples asked for by label, over guidance weights, beside quality and
 * coverage; and holes in test images filled.
 */
import { BenchError } from "../../../core/errors.ts";
import { rng } from "../../../core/rng.ts";
import { wilsonInterval } from "../../../core/statistics/index.ts";
import type { Sample } from "../../../metrics/contract.ts";
import type { Model, SamplerSetting, State } from "../../../models/index.ts";
import type { Dataset } from "../../datasets/contract.ts";
import type { ControlPoint, ControlRecord, Inpainting } from "../../record/index.ts";
import type { SuiteConfig } from "../../suite/index.ts";
import { type Judge, openJudge } from "../classifier/run.ts";
import type { CellContext, PlannedCell, Stage } from "../contract.ts";
import {
  createModel,
  isFreelySampled,
  modelConfig,
  recorded,
  scoringSetting,
  trainedWeights,
} from "../shared/models.ts";
import { cellIds } from "../shared/names.ts";
import { checkTestImages, protocolOf, qualityOf, referenceImages } from "../shared/quality.ts";
import { generateImages, sampledLabels } from "../shared/sampling.ts";
import { modelOf, samplingWork } from "../shared/work.ts";
import { perModelAndSeed, refuseDiverged } from "../train/run.ts";
import { measureInpainting } from "./inpainting.ts";

const BATCH = 64;
const CONFIDENCE = 0.95;

const isNamed = (config: SuiteConfig, id: string) => config.stages.control?.models?.includes(id) ?? true;

/** Settings at which labels are asked for: each guidance weight, or the one way of a GAN or a student. */
function guidedSettings(config: SuiteConfig, id: string, { classes }: Pick<Model, "classes">) {
  const configured = modelConfig(config, id);
  const setting = scoringSetting(configured);
  if (classes === 0) return [];
  if (!isFreelySampled(config, id)) return [{ setting, guidance: undefined }];
  return config.stages.control!.guidance.map((guidance) => ({
    guidance,
    setting: { ...setting, options: { ...setting.options, guidance } },
  }));
}

export const controlStage: Stage = {
  kind: "control",
  title: "asks for labels over guidance weights, and fills holes in test images",

  plan(config) {
    const { control } = config.stages;
    if (!control) return [];
    return perModelAndSeed(
      config,
      (model, seed): PlannedCell => ({
        id: cellIds.control(model, seed),
        kind: "control",
        needs: [cellIds.classifier, cellIds.secondClassifier, cellIds.train(model, seed)],
        settings: { model, seed, scoring: scoringSetting(modelConfig(config, model)), ...control },
      }),
    ).filter(({ settings }) => isNamed(config, String(settings.model)));
  },

  check(config, dataset) {
    const { control } = config.stages;
    if (!control) return;
    checkTestImages("control", control.n, dataset);
    if (control.images > dataset.test)
      throw new BenchError(
        "BAD_CONFIG",
        `stages.control.images is ${control.images}, and ${dataset.name} has ${dataset.test} test images`,
      );
  },

  work(cell, config, facts) {
    const model = modelOf(cell, facts);
    const control = config.stages.control!;
    const guided = guidedSettings(config, model.id, model).map(({ setting, guidance }) =>
      guidance ? 2 * setting.steps : setting.steps,
    );
    const filled =
      control.masks.length * control.images * scoringSetting(modelConfig(config, model.id)).steps;
    return samplingWork(model, control.n * guided.reduce((sum, steps) => sum + steps, 0) + filled);
  },

  async run(context): Promise<ControlRecord> {
    const { cell, config, labels, out, engine, dataset: load, record, progress } = context;
    const { model: id, seed } = cell.settings as { model: string; seed: number };
    const control = config.stages.control!;
    const trained = record("train", cellIds.train(id, seed));
    refuseDiverged(trained);
    const model = createModel(config, id, labels);
    const weights = await trainedWeights(out, model, trained.checkpoint);
    const dataset = await load();
    const judges = {
      first: await openJudge(engine, out, dataset, record("classifier", cellIds.classifier)),
      second: await openJudge(engine, out, dataset, record("classifier", cellIds.secondClassifier)),
    };
    const reference = await judges.first.judge(referenceImages(dataset, control.n));
    const guided = guidedSettings(config, id, model);
    const total = guided.length + control.masks.length;
    const points: ControlPoint[] = [];
    for (const { setting, guidance } of guided) {
      const asked = await askForLabels(context, {
        id,
        seed,
        model,
        weights,
        dataset,
        judges,
        reference,
        setting,
      });
      points.push({ guidance, ...asked });
      progress({ done: points.length, total, note: `${id} ${recorded(setting).sampler}` });
    }
    const inpainting: Inpainting[] = [];
    for (const mask of control.masks) {
      const filled = await measureInpainting({
        engine,
        out,
        dataset,
        judge: judges.first,
        model,
        weights,
        options: control.inpainting[id] ?? {},
        mask,
        images: control.images,
        seed,
        name: `control-${id}-seed-${seed}`,
        progress: (done) =>
          progress({
            done: points.length + inpainting.length + done / control.images,
            total,
            note: `${id} fills the ${mask}`,
          }),
      });
      inpainting.push(filled);
    }
    judges.first.dispose();
    judges.second.dispose();
    return {
      kind: "control",
      model: id,
      seed,
      ...recorded(scoringSetting(modelConfig(config, id))),
      points,
      inpainting,
    };
  },
};

interface Asking {
  readonly id: string;
  readonly seed: number;
  readonly model: Model;
  readonly weights: State;
  readonly dataset: Dataset;
  readonly judges: { readonly first: Judge; readonly second: Judge };
  readonly reference: Sample;
  readonly setting: SamplerSetting;
}

/** Labels are asked for as often as the training images have them, the same ones of the same seeds at every weight. */
async function askForLabels(
  { engine, config }: CellContext,
  asking: Asking,
): Promise<Omit<ControlPoint, "guidance">> {
  const { seed, model, weights, dataset, judges, reference, setting } = asking;
  const { n } = config.stages.control!;
  const stream = rng(seed).fold("control");
  const labelOf = sampledLabels(model, dataset, stream)!;
  const generator = await model.generator(engine, weights, setting, BATCH);
  const started = performance.now();
  const images = await generateImages(generator, stream, n, labelOf);
  const milliseconds = performance.now() - started;
  const { networkEvaluations } = generator;
  generator.dispose();
  const judged = await judges.first.judge(images);
  const second = await judges.second.judge(images);
  const right = (assignments: ArrayLike<number>) => {
    let count = 0;
    for (let i = 0; i < n; i++) if (assignments[i] === labelOf(i)) count++;
    return { value: count / n, ...wilsonInterval(count, n, CONFIDENCE), confidence: CONFIDENCE };
  };
  const perLabel = Array.from({ length: model.classes }, () => ({ asked: 0, right: 0 }));
  for (let i = 0; i < n; i++) {
    const entry = perLabel[labelOf(i)]!;
    entry.asked++;
    if (judged.assignments[i] === labelOf(i)) entry.right++;
  }
  const k = config.stages.diversity?.k ?? 5;
  return {
    accuracy: right(judged.assignments),
    secondAccuracy: right(second.assignments),
    perLabel,
    millisecondsPerImage: milliseconds / n,
    networkEvaluations,
    quality: qualityOf(
      judged,
      reference,
      { ...recorded(setting), networkEvaluations },
      protocolOf(dataset, { n, k }),
    ),
  };
}

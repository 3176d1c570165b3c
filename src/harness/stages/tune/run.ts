/**
 * The search for settings, equal for every model: successive halving from the same number of trials, each trained afresh
 * and scored on validation images, which no other stage reports on. Its plan is static: a cell of a later rung reads the
 * rung before and takes the trial of its rank there.
 */
import { badConfig } from "../../../core/errors.ts";
import { rng } from "../../../core/rng.ts";
import { knownWords } from "../../../core/suggest.ts";
import { DEFAULT_K } from "../../../metrics/contract.ts";
import { type MetricName, metricNames, metrics, metricsFor } from "../../../metrics/index.ts";
import type { Model, State } from "../../../models/index.ts";
import { publishTensors } from "../../checkpoints/files.ts";
import { mostCompared } from "../../datasets/index.ts";
import type { FileEntry, MetricFacts, TuneRecord } from "../../record/index.ts";
import type { SuiteConfig } from "../../suite/index.ts";
import type { CellContext } from "../contract.ts";
import { range } from "../shared/batches.ts";
import { defineStage, type StageCell } from "../shared/define.ts";
import { targetsOf } from "../shared/judge.ts";
import { judging, openJudges } from "../shared/judges.ts";
import { createModel, dataSettings, modelConfig, scoringSetting, trainedWeights } from "../shared/models.ts";
import { loadModel } from "../shared/open.ts";
import { cellIds } from "../shared/plan.ts";
import { qualityOf } from "../shared/quality.ts";
import { sampleImages } from "../shared/sampling.ts";
import { validationImages } from "../shared/sets.ts";
import { outcomeOf, trainModel } from "../shared/training.ts";
import { addWork, evaluationsOf, modelOf, samplingWork, trainingWork } from "../shared/work.ts";
import type { TuneOptions } from "./options.ts";
import {
  type Options,
  ranked,
  rungCells,
  rungsOf,
  seedsOfRung,
  trialConfig,
  trialOptions,
  tunedTeacher,
} from "./search.ts";

interface TuneSettings {
  readonly model: string;
  readonly seed: number;
  readonly rung: number;
  readonly place: number;
  readonly images: number;
  /** Of the space; undefined where the rung before decides. */
  readonly options?: Options;
  readonly [more: string]: unknown;
}

const isTuned = ({ models }: TuneOptions, id: string | undefined): id is string =>
  id !== undefined && models.includes(id);

/** What a cell reads: the judge, the rung before, and a teacher's weights. */
function needsOf(tune: TuneOptions, config: SuiteConfig, id: string, rung: number, seed: number): string[] {
  const { teacher } = modelConfig(config, id);
  const teachers = isTuned(tune, teacher)
    ? rungCells(tune, config, teacher, tune.rungs - 1)
    : teacher === undefined
      ? []
      : [cellIds.train(teacher, seed)];
  return [...judging(config).needs, ...(rung > 0 ? rungCells(tune, config, id, rung - 1) : []), ...teachers];
}

function cellsOf(tune: TuneOptions, config: SuiteConfig, id: string): StageCell<TuneSettings>[] {
  const { teacher: _, tuning: __, ...configured } = modelConfig(config, id);
  const { metric, n } = tune;
  return rungsOf(tune, configured).flatMap(({ trials, budget: images }, rung) =>
    range(0, trials).flatMap((place) =>
      seedsOfRung(tune, rung).map((seed) => ({
        id: cellIds.tune(id, rung, place, seed),
        needs: needsOf(tune, config, id, rung, seed),
        settings: {
          ...{ model: id, seed, rung, place, images, metric, n },
          options: rung === 0 ? trialOptions(tune, config, id, place) : undefined,
          config: configured,
          judge: judging(config).judge,
          data: dataSettings(config),
        },
      })),
    ),
  );
}

/** The metric that chooses, by its recorded name. @throws BAD_CONFIG where none of this name has a better side */
function metricNamed(name: string): Pick<MetricFacts, "direction"> & { readonly key: MetricName } {
  const directed = metricNames.filter((key) => metrics[key].direction !== "two-sided");
  const key = directed.find((key) => metrics[key].name === name);
  if (key) return { key, direction: metrics[key].direction };
  const known = directed.map((key) => metrics[key].name);
  throw badConfig(`tune.metric: no metric "${name}" that has a better side${knownWords(name, known)}`);
}

export const tuneStage = defineStage({
  kind: "tune",
  title: "searches settings for each model with equal effort, on validation images",

  options: ({ stages }) => stages.tune,

  plan: (tune, config) => tune.models.flatMap((id) => cellsOf(tune, config, id)),

  check(tune, dataset, config) {
    metricNamed(tune.metric);
    const most = mostCompared(dataset.test);
    if (tune.n > most)
      throw badConfig(
        `tune.n is ${tune.n}, and a third of the ${dataset.test} test images of ${dataset.name}, which choose, is ${most}. ` +
          (most > 0 ? `Set tune.n to at most ${most}.` : "Take more test images."),
      );
    for (const id of tune.models)
      for (const trial of range(0, tune.trials)) {
        const options = trialOptions(tune, config, id, trial);
        const { images } = modelConfig(config, id);
        createModel(trialConfig(config, id, { options, images }), id, dataset.modes.length);
      }
  },

  work({ n }, cell, config, facts) {
    const model = modelOf(cell, facts);
    const sampled = n * evaluationsOf([scoringSetting(modelConfig(config, model.id))]);
    return addWork(trainingWork(model, cell.settings.images), samplingWork(model, sampled));
  },

  async run(context, tune): Promise<TuneRecord> {
    const { cell, config, labels } = context;
    const { model: id, seed, rung, place, images } = cell.settings;
    const { key, direction } = metricNamed(tune.metric);
    const { trial, options } = trialAt(context, tune, direction);
    const { teacher } = modelConfig(config, id);
    const above = isTuned(tune, teacher)
      ? tunedTeacher(context, tune, config, { teacher, seed, direction })
      : undefined;
    const changed = trialConfig(config, id, { options, images }, above);
    const model = createModel(changed, id, labels);
    const configured = modelConfig(changed, id);
    const dataset = await context.dataset();
    const trained = await trainModel({
      context,
      id,
      model,
      configured,
      seed,
      dataset,
      teacher: teacher === undefined ? undefined : await teachersWeights(context, changed, teacher, above),
    });
    const { trials, eta, rungs, seeds, metric, n, space } = tune;
    const facts = {
      ...{ kind: "tune" as const, model: id, seed, rung, place, trial, options, images },
      search: { trials, eta, rungs, seed: tune.seed, seeds, metric, n, space: space[id]! },
      ...outcomeOf(trained, configured),
    };
    if (trained.outcome === "diverged") return facts;
    const weights = model.samplingWeights(trained.state);
    const quality = await validationQuality(context, model, weights, { metric: key, n });
    const learnedFrom = tune.models.some((other) => modelConfig(config, other).teacher === id);
    const checkpoint =
      learnedFrom && rung === rungs - 1 ? await publishTrial(context, trained.state) : undefined;
    return { ...facts, quality, checkpoint };
  },
});

/** The trial that a cell trains: in the first rung its own, later the one of its rank in the rung before. */
function trialAt(
  context: CellContext<TuneSettings>,
  tune: TuneOptions,
  direction: MetricFacts["direction"],
): { trial: number; options: Options } {
  const { model, rung, place, options } = context.cell.settings;
  if (options) return { trial: place, options };
  return ranked(context, rungCells(tune, context.config, model, rung - 1), direction).trials[place]!;
}

/** Sampling weights of a teacher: as this search left its best trial, or as it was trained with the suite's settings. */
async function teachersWeights(
  context: CellContext<TuneSettings>,
  changed: SuiteConfig,
  teacher: string,
  above: TuneRecord | undefined,
): Promise<State> {
  const { out, labels, cell } = context;
  if (!above) return (await loadModel(context, teacher, cell.settings.seed)).weights;
  const { weights } = await trainedWeights(out, createModel(changed, teacher, labels), above.checkpoint!);
  return weights;
}

function publishTrial({ out, cell }: CellContext<TuneSettings>, tensors: State): Promise<FileEntry> {
  const { model, seed } = cell.settings;
  const path = `checkpoints/${cell.id.replaceAll("/", "-")}.safetensors`;
  return publishTensors(out, path, { tensors, metadata: { model, seed: String(seed) } });
}

/** Quality of n samples against n validation images: neither reference nor floor is read. */
async function validationQuality(
  context: CellContext<TuneSettings>,
  model: Model,
  weights: State,
  { metric, n }: { metric: MetricName; n: number },
) {
  const { seed, model: id } = context.cell.settings;
  const dataset = await context.dataset();
  const judge = await openJudges(context);
  const real = await judge.judge(validationImages(dataset, n));
  const setting = scoringSetting(modelConfig(context.config, id));
  const stream = rng(seed).fold("score").fold("tune");
  const { images, made } = await sampleImages(context, { model, weights }, { setting, stream, n });
  const sample = await judge.judge(images);
  judge.dispose();
  const modes = targetsOf(dataset, dataset.test).names.length;
  const scored = [...new Set([metric, ...metricsFor("snapshot")])];
  return qualityOf(sample, { real }, made, { k: DEFAULT_K, modes }, { metrics: scored });
}

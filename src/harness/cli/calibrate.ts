/** `bench calibrate`: how many training images take each model equally long on this machine. */
import { median } from "../../core/statistics/index.ts";
import type { Engine } from "../../engine/contract.ts";
import type { Dataset } from "../datasets/contract.ts";
import { targetsOf } from "../stages/classifier/run.ts";
import { createModel, modelConfig, trainingSteps } from "../stages/shared/models.ts";
import { trainModel } from "../stages/shared/training.ts";
import type { SuiteConfig } from "../suite/index.ts";

/** Steps that show how long one takes, before the timed ones; the first of all warms up. */
const TRIAL_STEPS = 4;
const LEAST_STEPS = 8;

export interface Calibration {
  readonly model: string;
  readonly batch: number;
  /** Median over the timed steps. */
  readonly millisecondsPerStep: number;
  readonly steps: number;
  /** The suite's budget, and how long it takes. */
  readonly images: number;
  readonly seconds: number;
  /** Images of whole steps that take the target. */
  readonly proposed: number;
}

/** Milliseconds of each step after the first, in time order. */
async function timeSteps(
  engine: Engine,
  config: SuiteConfig,
  id: string,
  dataset: Dataset,
  steps: number,
): Promise<number[]> {
  const { names } = targetsOf(dataset, dataset.train);
  const configured = modelConfig(config, id);
  const model = createModel(config, id, names.length);
  const ends: number[] = [];
  await trainModel({
    context: { engine, progress: () => ends.push(performance.now()) },
    id,
    model,
    configured: { batch: configured.batch, images: steps * configured.batch },
    seed: config.seed,
    dataset,
  });
  return ends.slice(1).map((end, i) => end - ends[i]!);
}

/**
 * Times training steps of every model that learns from data alone for about `measureSeconds` each; a distilled one
 * starts from its teacher and is left out. `targetSeconds`: what each is to take; the longest of the suite's budgets
 * where undefined.
 */
export async function calibrate(
  engine: Engine,
  config: SuiteConfig,
  dataset: Dataset,
  measureSeconds: number,
  targetSeconds: number | undefined,
  note: (message: string) => void,
): Promise<{ targetSeconds: number; models: Calibration[] }> {
  const measured = [];
  for (const [id, configured] of Object.entries(config.models)) {
    if (configured.teacher !== undefined) continue;
    note(`timing ${id}`);
    const trial = median(await timeSteps(engine, config, id, dataset, TRIAL_STEPS));
    const steps = Math.max(LEAST_STEPS, Math.ceil((1000 * measureSeconds) / trial));
    const samples = await timeSteps(engine, config, id, dataset, steps);
    const millisecondsPerStep = median(samples);
    const seconds = (trainingSteps(configured) * millisecondsPerStep) / 1000;
    const { batch, images } = configured;
    measured.push({ model: id, batch, millisecondsPerStep, steps: samples.length, images, seconds });
  }
  const target = targetSeconds ?? Math.max(...measured.map(({ seconds }) => seconds));
  return {
    targetSeconds: target,
    models: measured.map((one) => ({
      ...one,
      proposed: one.batch * Math.max(1, Math.round((1000 * target) / one.millisecondsPerStep)),
    })),
  };
}

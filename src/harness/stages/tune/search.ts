/** What the trials of a search are, and which of them goes on: it follows from the options and from earlier records. */
import { assert, BenchError } from "../../../core/errors.ts";
import { rng } from "../../../core/rng.ts";
import { drawOptions } from "../../../core/space.ts";
import { bestFirst, halvingRungs, type Rung } from "../../../core/statistics/index.ts";
import { type MetricFacts, type TuneRecord, trialsOf } from "../../record/index.ts";
import type { ModelConfig, SuiteConfig } from "../../suite/index.ts";
import type { CellContext } from "../contract.ts";
import { range } from "../shared/batches.ts";
import { modelConfig } from "../shared/models.ts";
import { cellIds } from "../shared/plan.ts";
import type { TuneOptions } from "./options.ts";

export type Options = Readonly<Record<string, unknown>>;

/** The rungs of a model: how many trials each has, and the training images of each. */
export const rungsOf = (
  { trials, eta, rungs }: TuneOptions,
  { images }: Pick<ModelConfig, "images">,
): Rung[] => halvingRungs(trials, eta, rungs, images);

/** Training seeds of a rung. */
export const seedsOfRung = ({ seed, seeds, rungs }: TuneOptions, rung: number): number[] =>
  range(seed, rung === rungs - 1 ? seeds : 1);

/** The options of the space as a trial has them: trial 0 those of the suite, every other drawn by the search's seed. */
export function trialOptions(tune: TuneOptions, config: SuiteConfig, id: string, trial: number): Options {
  const space = tune.space[id];
  assert(space, `no space for ${id}`);
  if (trial > 0) return drawOptions(space, rng(tune.seed).fold("tune").fold(id).fold(trial));
  const { options } = modelConfig(config, id);
  return Object.fromEntries(Object.keys(space).map((name) => [name, options[name]]));
}

/** Ids of the cells of a model's rung, place by place. */
export const rungCells = (tune: TuneOptions, config: SuiteConfig, id: string, rung: number): string[] =>
  range(0, rungsOf(tune, modelConfig(config, id))[rung]!.trials).flatMap((place) =>
    seedsOfRung(tune, rung).map((seed) => cellIds.tune(id, rung, place, seed)),
  );

/** The trials of a finished rung, the best first. */
export function ranked(
  { record }: Pick<CellContext, "record">,
  ids: readonly string[],
  direction: MetricFacts["direction"],
) {
  assert(direction !== "two-sided", "a metric that chooses has a better side");
  const records = ids.map((id) => record("tune", id));
  return { records, trials: bestFirst(trialsOf(records), direction) };
}

/** The record of a tuned teacher with this seed: the best trial of its last rung. @throws DIVERGED where none has a value */
export function tunedTeacher(
  context: Pick<CellContext, "record">,
  tune: TuneOptions,
  config: SuiteConfig,
  { teacher, seed, direction }: { teacher: string; seed: number; direction: MetricFacts["direction"] },
): TuneRecord {
  const { records, trials } = ranked(context, rungCells(tune, config, teacher, tune.rungs - 1), direction);
  const [best] = trials;
  if (best?.value === undefined)
    throw new BenchError("DIVERGED", `no trial of ${teacher}, the teacher, has a value: ${best?.why}`);
  const found = records.find((record) => record.trial === best.trial && record.seed === seed);
  assert(found, `no record of ${teacher} with seed ${seed}`);
  return found;
}

/** The suite with the options of a trial and the images of its rung, and with the options of a tuned teacher. */
export function trialConfig(
  config: SuiteConfig,
  id: string,
  { options, images }: { options: Options; images: number },
  teacher?: TuneRecord,
): SuiteConfig {
  const model = modelConfig(config, id);
  const models = { ...config.models, [id]: { ...model, images, options: { ...model.options, ...options } } };
  if (!teacher) return { ...config, models };
  const above = modelConfig(config, teacher.model);
  return {
    ...config,
    models: { ...models, [teacher.model]: { ...above, options: { ...above.options, ...teacher.options } } },
  };
}

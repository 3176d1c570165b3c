/** What became of each training seed of a model: no mean over seeds stands without the seeds that it lacks. */
import type { TrainRecord } from "../record/index.ts";
import { derived, type View } from "./view.ts";

export interface ModelSeeds {
  /** Every seed that the run asks for, ascending. */
  readonly asked: readonly number[];
  /** Trainings that left finite weights. */
  readonly trained: readonly TrainRecord[];
  /** Trainings that left the finite numbers. */
  readonly diverged: readonly TrainRecord[];
  /** Seeds of a finished run whose training has no record: its cell failed or was skipped. */
  readonly lost: readonly number[];
}

const allSeeds = derived(
  (view: View): ReadonlyMap<string, ModelSeeds> =>
    new Map(view.run.models.map(({ id, trained }) => [id, seedsOf(view, id, trained)])),
);

function seedsOf(view: View, model: string, trainedHere: boolean): ModelSeeds {
  const trainings = view.records("train").filter((record) => record.model === model);
  const scored = view.records("diversity").filter((record) => record.model === model);
  const seen = [...trainings, ...scored].map(({ seed }) => seed);
  const asked = [...new Set([...configured(view), ...seen])].toSorted((a, b) => a - b);
  const recorded = new Set(seen);
  return {
    asked,
    trained: trainings.filter(({ outcome }) => outcome === "trained"),
    diverged: trainings.filter(({ outcome }) => outcome === "diverged"),
    lost: trainedHere && view.run.state === "complete" ? asked.filter((seed) => !recorded.has(seed)) : [],
  };
}

/** The seeds of the suite's configuration; none where it does not state them. */
function configured({ run: { config } }: View): number[] {
  const { seed, seeds } = config;
  return typeof seed === "number" && typeof seeds === "number"
    ? Array.from({ length: seeds }, (_, i) => seed + i)
    : [];
}

/** Seeds of a model; none for one that run.json does not describe. */
export const seedsOfModel = (view: View, model: string): ModelSeeds =>
  allSeeds(view).get(model) ?? { asked: [], trained: [], diverged: [], lost: [] };

/**
 * How many of a model's trainings are usable: of those that ended, the ones that left finite weights. Bad images are no
 * failure here, their quality says it. A model that was brought has no training that could fail.
 */
export function usableTrainings({ trained, diverged, lost }: ModelSeeds): {
  readonly usable: number;
  readonly of: number;
} {
  return { usable: trained.length, of: trained.length + diverged.length + lost.length };
}

/** Searches for settings as a run tells of them: its own trials, or those behind the settings that its suite states. */
import { formatCount, plural } from "../../../core/format.ts";
import { bestFirst, expectedBest, quantile } from "../../../core/statistics/index.ts";
import {
  chosenBy,
  type Search,
  searchOf,
  type TuneRecord,
  type Tuning,
  trialsOf,
} from "../../record/index.ts";
import { derived, table, type View } from "../../tables/index.ts";
import * as c from "../readout/columns.ts";

/** Digits that a written value keeps; more than any decision needs. */
const DIGITS = 6;
const rounded = (value: number): number => Number(value.toPrecision(DIGITS));

/** The search of each model that has one, in the run's order: of its own trials where the run is a search. */
export const searches = derived(
  (view: View): readonly { readonly model: string; readonly search: Search }[] =>
    view.run.models.flatMap(({ id, tuning }) => {
      const records = view.records("tune").filter(({ model }) => model === id);
      const search = searchOf(records.length > 0 ? tuningOf(records) : tuning);
      return search ? [{ model: id, search }] : [];
    }),
);

/** What the trials of a model came to; undefined where some of its search is missing, as after an interruption. */
export function tuningOf(records: readonly TuneRecord[]): Tuning | undefined {
  const chosen = records.flatMap((record) => chosenBy(record) ?? [])[0];
  const search = records[0]?.search;
  if (!search || !chosen || chosen.direction === "two-sided") return undefined;
  const { direction, protocol } = chosen;
  const { trials, eta, rungs: count, seed, seeds, n, space, metric } = search;
  const rungs = Array.from({ length: count }, (_, rung) => {
    const cells = records.filter((record) => record.rung === rung);
    return { images: cells[0]?.images ?? 0, seeds: rung === count - 1 ? seeds : 1, cells };
  });
  const complete = rungs.every(
    ({ cells, seeds: repeats }, rung) => cells.length === Math.floor(trials / eta ** rung) * repeats,
  );
  if (!complete) return undefined;
  const found = rungs.map(({ cells, ...rung }) => ({
    ...rung,
    values: trialsOf(cells).map(({ value, ...trial }) => ({
      ...trial,
      value: value === undefined ? undefined : rounded(value),
    })),
  }));
  const best = bestFirst(found.at(-1)!.values, direction)[0]!;
  const drawn = drawnValues({ rungs: found }).flatMap(({ value }) => value ?? []);
  return {
    trials,
    how: `successive halving, eta ${eta}: ${found.map(({ values, images }, rung) => `${rung === 0 ? plural(values.length, "trial") : `the best ${values.length}`} at ${formatCount(images)} images`).join(", ")}`,
    metric: { name: metric, direction, n, protocol },
    seed,
    space,
    best:
      best.value === undefined ? undefined : { trial: best.trial, value: best.value, options: best.options },
    spread:
      drawn.length > 0
        ? { low: quantile(drawn, 0.25), median: quantile(drawn, 0.5), high: quantile(drawn, 0.75) }
        : undefined,
    rungs: found.map((rung, index) => ({
      ...rung,
      values: rung.values.map(({ trial, value, why, options }) =>
        index === 0 ? { trial, value, why, options } : { trial, value, why },
      ),
    })),
  };
}

/** The trials of the first rung that were drawn from the space; the first of all is the suite's own setting. */
export const drawnValues = ({ rungs }: Pick<Search, "rungs">) =>
  rungs[0]!.values.filter(({ trial }) => trial > 0);

/**
 * The values of the drawn trials, for statistics: those without one count as the worst that any of them has. `lost` is their
 * number; undefined where no trial has a value.
 */
export function countedValues(search: Search): { values: number[]; lost: number } | undefined {
  const drawn = drawnValues(search);
  const ranked = bestFirst(drawn, search.metric.direction).flatMap(({ value }) => value ?? []);
  const worst = ranked.at(-1);
  if (worst === undefined) return undefined;
  const values = drawn.map(({ value }) => value ?? worst);
  return { values, lost: drawn.length - ranked.length };
}

/** The expected best of k drawn trials at the first rung's budget, k from 1. */
export function expectedCurve(values: readonly number[], direction: "lower" | "higher"): number[] {
  if (direction === "lower") return expectedBest(values);
  return expectedBest(values.map((value) => -value)).map((value) => -value);
}

export const tuning = table({
  name: "tuning",
  describe:
    "Searches for settings; one row a model, rung and trial. Values are of validation images, which nothing else reports on.",
  rows: (view: View) =>
    searches(view).flatMap(({ model, search }) =>
      search.rungs.flatMap(({ images, seeds, values }, rung) =>
        values.map(({ trial, value, why }) => {
          const first = search.rungs[0]!.values.find((one) => one.trial === trial);
          const chosen = search.best?.trial === trial;
          const { name: metric, n } = search.metric;
          return {
            model,
            rung,
            images,
            seeds,
            trial,
            value,
            why,
            chosen,
            metric,
            n,
            options: first?.options,
          };
        }),
      ),
    ),
  columns: (column) => ({
    model: c.model,
    rung: column("rung of the search, from 0, the one with the smallest budget", (row) => row.rung),
    images: column("training images of each trial", (row) => row.images, { unit: "images" }),
    seeds: column("training seeds of each trial; the value is their mean", (row) => row.seeds),
    trial: column("number of the trial; 0 is the setting that the suite had", (row) => row.trial),
    options: column(
      "the options that the search varies, as JSON",
      (row) => row.options && JSON.stringify(row.options),
    ),
    metric: column("metric that chooses", (row) => row.metric),
    n: column("generated and validation images scored", (row) => row.n, { unit: "images" }),
    value: column("its value on validation images; empty where the trial has none", (row) => row.value),
    why: column("why the trial has no value", (row) => row.why),
    chosen: column("1 for the trial that was chosen, else 0", (row) => Number(row.chosen)),
  }),
});

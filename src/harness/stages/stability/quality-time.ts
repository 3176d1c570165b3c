/**
 * What training takes to get to a quality (time to train, Mattson et al. 2020, MLPerf, arXiv:1910.01500), and how long it
 * pays. The quality is a tenth of the way from other real images to noise, as the decision asks by default.
 */
import { formatNumber, formatPercent, formatSeconds } from "../../../core/format.ts";
import { mean } from "../../../core/statistics/index.ts";
import {
  type DataTable,
  derived,
  FLOOR_SHARE,
  groupBy,
  inCsv,
  metricWord,
  numbers,
  overSeeds,
  RANKING,
  type ReadRow,
  table,
  type View,
} from "../../tables/index.ts";
import * as c from "../readout/columns.ts";
import { type BudgetPoint, budgetPoints, byTraining, fidAt, type Unit } from "./budgets.ts";

/** One training, and what it took to the target: nothing where it never got there. */
export interface QualityTime extends ReadRow {
  readonly model: string;
  readonly seed: number;
  readonly target: number;
  readonly reached: boolean;
  /** Whether its first snapshot was there already: it took no longer than is said. */
  readonly atMost: boolean;
  readonly seconds?: number;
  readonly imagesSeen?: number;
  readonly flops?: number;
}

/** A tenth of the way from other real images to noise at the snapshots' n; undefined where neither was scored. */
function targetOf(view: View, model: string, seed: number): number | undefined {
  const bound = view.records("stability").find((one) => one.model === model && one.seed === seed)?.bound;
  return bound && bound.floor + FLOOR_SHARE * (bound.noise - bound.floor);
}

/** The budget at which the quality falls to the target, linear in the budget's logarithm between snapshots. */
export function budgetTo(snapshots: readonly BudgetPoint[], unit: Unit, target: number): number | undefined {
  const there = snapshots.findIndex(({ fid }) => fid <= target);
  const [before, after] = [snapshots[there - 1], snapshots[there]];
  if (!after || !before) return after?.[unit];
  const share = (before.fid - target) / (before.fid - after.fid);
  return before[unit] * (after[unit] / before[unit]) ** share;
}

/** One entry a training with snapshots and a target. */
export const qualityTimes = derived((view: View): QualityTime[] =>
  byTraining(budgetPoints(view)).flatMap((snapshots) => {
    const { model, seed } = snapshots[0];
    const target = targetOf(view, model, seed);
    if (target === undefined) return [];
    const reached = snapshots.some(({ fid }) => fid <= target);
    const taken = (unit: Unit) => (reached ? budgetTo(snapshots, unit, target) : undefined);
    return [
      {
        model,
        seed,
        target,
        reached,
        atMost: snapshots[0].fid <= target,
        cell: `stability/${model}/seed-${seed}`,
        place: ["stability", model],
        seconds: taken("seconds"),
        imagesSeen: taken("imagesSeen"),
        flops: taken("flops"),
      },
    ];
  }),
);

export const qualityTime = table({
  name: "quality_time",
  describe:
    "What training took to get a tenth of the way from other real images to noise in FID, a student's with its teacher's; one row a model and seed. Seconds differ between runs of one seed.",
  timing: true,
  rows: qualityTimes,
  columns: (column) => ({
    model: c.model,
    seed: c.seed,
    target_fid: column("FID to be reached, at the snapshots' n", (row) => row.target, {
      title: "target FID",
    }),
    reached: column("1 where a snapshot reaches it, else 0", (row) => Number(row.reached)),
    at_most: column(
      "1 where the first snapshot is there already, so that it took no longer than this",
      (row) => Number(row.atMost),
    ),
    seconds: column(
      "training until then, compiling left out; empty where it was not reached",
      (row) => row.seconds,
      {
        unit: "s",
        reads: { as: "seconds_to_quality", class: "timing", when: ({ atMost }) => !atMost },
      },
    ),
    images_seen: column(c.imagesSeen.meaning, (row) => row.imagesSeen, {
      unit: "images",
      title: "images seen",
      reads: { as: "images_to_quality", class: "quality", when: ({ atMost }) => !atMost },
    }),
    flops: column("floating-point operations until then", (row) => row.flops, { unit: "FLOPs" }),
  }),
});

/** What each model took to the target: mean of the seeds that reached it. */
export function qualityTimeTable(view: View): DataTable {
  const rows = groupBy(qualityTimes(view), ({ model }) => model);
  type Row = (typeof rows)[number];
  const meanOf = (own: Row, unit: Unit) =>
    overSeeds(own.flatMap(({ seed, [unit]: value }) => (value === undefined ? [] : [{ seed, value }])))
      ?.value;
  return numbers(
    rows,
    {
      model: ([{ model }]) => view.title(model),
      [`target ${metricWord(view, RANKING)}`]: ([{ target }]) => target,
      reached: (own) => `${own.filter(({ reached }) => reached).length} of ${own.length} seeds`,
      seconds: (own) => meanOf(own, "seconds"),
      "images seen": (own) => meanOf(own, "imagesSeen"),
      FLOPs: (own) => meanOf(own, "flops"),
      "": (own) => (own.some(({ atMost }) => atMost) ? "no longer than: the first snapshot is there" : ""),
    },
    inCsv(qualityTime, ([{ model }]) => ({ model })),
  );
}

/** Training pays as long as its last third still takes off this share of the FID. */
const PAYS = 0.1;

/** How long each model's training pays, by the mean of its seeds; empty where no model has snapshots on the way. */
export function worthTraining(view: View): string {
  const word = metricWord(view, RANKING);
  const byModel = groupBy(budgetPoints(view), ({ model }) => model);
  const said = byModel.flatMap((points) => {
    const trainings = byTraining(points);
    const end = Math.min(...trainings.map((own) => own.at(-1)!.seconds));
    const start = Math.max(...trainings.map((own) => own[0].seconds));
    const at = (seconds: number) => {
      const values = trainings.flatMap((own) => fidAt(own, "seconds", seconds) ?? []);
      return values.length === trainings.length ? mean(values) : undefined;
    };
    const [before, last] = [at((2 / 3) * end), at(end)];
    if (before === undefined || last === undefined || start >= end) return [];
    const gain = 1 - last / before;
    const title = view.title(points[0].model);
    if (gain > PAYS)
      return [
        `${title} for longer than its ${formatSeconds(end)}: the last third still took ${formatPercent(gain)} off its ${word}`,
      ];
    const enough = range(start, end).find((seconds) => at(seconds)! * (1 - PAYS) <= last) ?? end;
    return [
      `${title} for ${enough === start ? "at most " : ""}${formatSeconds(enough)} of its ${formatSeconds(end)}: the rest takes less than ${formatPercent(PAYS)} off its ${word} of ${formatNumber(last)}`,
    ];
  });
  return said.length === 0 ? "" : `Worth training, by the mean of the seeds: ${said.join("; ")}.`;
}

/** Two hundred values from `low` to `high`, evenly in their logarithm. */
const range = (low: number, high: number): number[] =>
  Array.from({ length: 201 }, (_, i) => (i === 200 ? high : low * (high / low) ** (i / 200)));

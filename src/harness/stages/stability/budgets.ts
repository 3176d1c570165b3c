/**
 * Quality against what training took, in three units, because a fair one there is not: seconds are those of one engine,
 * images are not alike work, FLOPs do not all take alike time. A student is charged with its teacher's training too.
 */
import { formatCount, formatNumber, formatSeconds } from "../../../core/format.ts";
import { mean } from "../../../core/statistics/index.ts";
import { byModel, type Chart, plot } from "../../report/charts/index.ts";
import {
  type DataTable,
  derived,
  groupBy,
  inCsv,
  metricTitle,
  metricValue,
  numbers,
  type OverSeeds,
  overSeeds,
  RANKING,
  seedColumns,
  seedValues,
  table,
  type View,
} from "../../tables/index.ts";
import * as c from "../readout/columns.ts";

/** What training took. */
interface Spent {
  readonly seconds: number;
  readonly imagesSeen: number;
  readonly flops: number;
}

/** A snapshot: what it took to get there, and its quality. */
export interface BudgetPoint extends Spent {
  readonly model: string;
  readonly seed: number;
  readonly step: number;
  readonly n: number;
  readonly fid: number;
  readonly coverage?: number;
  readonly precision?: number;
}

const none: Spent = { seconds: 0, imagesSeen: 0, flops: 0 };

/** A model's own training up to a point, and what it took `before`; undefined where run.json has no cost of an image. */
function spentBy(
  view: View,
  model: string,
  { seconds, imagesSeen }: Omit<Spent, "flops">,
  before: Spent | undefined,
): Spent | undefined {
  const perImage = view.model(model)?.flopsPerTrainingImage;
  if (perImage === undefined || before === undefined) return undefined;
  return {
    seconds: seconds + before.seconds,
    imagesSeen: imagesSeen + before.imagesSeen,
    flops: imagesSeen * perImage + before.flops,
  };
}

/** What a model's teacher took to train, its own teacher included: nothing where there is none. */
function teachersTraining(view: View, model: string, seed: number): Spent | undefined {
  const teacher = view.model(model)?.teacher;
  if (teacher === undefined) return none;
  const training = view.records("train").find((one) => one.model === teacher && one.seed === seed);
  return training && spentBy(view, teacher, training, teachersTraining(view, teacher, seed));
}

/** One entry a snapshot, by model and seed, steps ascending; a training that diverged has none. */
export const budgetPoints = derived((view: View): BudgetPoint[] =>
  view.records("stability").flatMap(({ model, seed, quality }) => {
    const before = teachersTraining(view, model, seed);
    return (quality?.snapshots ?? []).flatMap(({ step, quality: scored, ...own }) => {
      const fid = metricValue(scored, RANKING);
      const spent = spentBy(view, model, own, before);
      const [coverage, precision] = (["coverage", "precision"] as const).map((one) =>
        metricValue(scored, one),
      );
      const quality = { fid, coverage, precision };
      return spent && fid !== undefined
        ? [{ model, seed, step, n: scored.n, ...quality, fid, ...spent }]
        : [];
    });
  }),
);

export const budgets = table({
  name: "budgets",
  describe:
    "Quality against what training took, a student's with its teacher's; one row a model, seed and snapshot, scored against images that only choose. Differs between runs of one seed.",
  timing: true,
  rows: budgetPoints,
  columns: (column) => ({
    model: c.model,
    seed: c.seed,
    step: column("training step of the snapshot", (row) => row.step),
    seconds: column("training until then, compiling left out", (row) => row.seconds, { unit: "s" }),
    images_seen: c.imagesSeen,
    flops: column(
      "floating-point operations until then, 2 per multiply-add, forward and backward, all networks",
      (row) => row.flops,
      { unit: "FLOPs" },
    ),
    n: c.n,
    fid: column("FID of the snapshot", (row) => row.fid, { title: "FID" }),
    coverage: column("its coverage", (row) => row.coverage),
    precision: column("its precision", (row) => row.precision),
  }),
});

/** The snapshots of each training. */
export const byTraining = (points: readonly BudgetPoint[]) =>
  groupBy(points, ({ model, seed }) => JSON.stringify([model, seed]));

const units = [
  { unit: "seconds", id: "seconds", title: "seconds of training", of: formatSeconds },
  { unit: "imagesSeen", id: "images", title: "training images seen", of: formatCount },
  { unit: "flops", id: "flops", title: "FLOPs of training", of: formatCount },
] as const;

export type Unit = (typeof units)[number]["unit"];

interface MeanPoint extends Spent {
  readonly model: string;
  readonly step: number;
  readonly reading: OverSeeds;
}

/** What a snapshot is judged by here. */
const judgedBy = [RANKING, "coverage", "precision"] as const;

/** Mean of the seeds at each snapshot of a model, and of what it took; a snapshot without the metric has none. */
const meanPoints = (points: readonly BudgetPoint[], metric: (typeof judgedBy)[number]): MeanPoint[] =>
  groupBy(points, ({ model, step }) => JSON.stringify([model, step])).flatMap((group) => {
    const meanOf = (unit: Unit) => mean(group.map((one) => one[unit]));
    const { model, step } = group[0];
    const spent = { seconds: meanOf("seconds"), imagesSeen: meanOf("imagesSeen"), flops: meanOf("flops") };
    const reading = overSeeds(seedValues(group, (one) => one[metric]));
    return reading ? [{ model, step, ...spent, reading }] : [];
  });

/** FID, coverage and precision against seconds, images and FLOPs of training, a chart each. */
export const budgetCharts = (view: View): (Chart | undefined)[] =>
  judgedBy.flatMap((metric) => chartsOf(view, metric));

function chartsOf(view: View, metric: (typeof judgedBy)[number]): (Chart | undefined)[] {
  const points = budgetPoints(view).filter((one) => one[metric] !== undefined);
  const rows = meanPoints(points, metric);
  const look = byModel(view);
  const title = metricTitle(view, metric);
  const trainings = byTraining(points);
  const several = rows.some(({ reading }) => reading.bySeed.length > 1);
  return units.map(({ unit, id, title: spent }) =>
    plot<MeanPoint>({
      id: metric === RANKING ? `budget-${id}` : `budget-${metric}-${id}`,
      title: `${title} for ${spent}`,
      description: `${title} of snapshots against ${spent}, a student's with its teacher's. Thick: mean of the seeds; thin: each seed.`,
      size: "third",
      height: 220,
      rows,
      columns: {
        model: ({ model }) => view.title(model),
        step: ({ step }) => step,
        seconds: ({ seconds }) => seconds,
        "images seen": ({ imagesSeen }) => imagesSeen,
        FLOPs: ({ flops }) => flops,
        ...seedColumns<MeanPoint>(title, ({ reading }) => reading),
      },
      source: inCsv(budgets, ({ model, step }) => ({ model, step })),
      x: { title: spent, scale: "log", labels: "si", of: (row) => row[unit] },
      y: {
        title,
        ...(metric === RANKING ? { scale: "log" } : { scale: "linear", domain: [0, 1] }),
        of: ({ reading }) => reading.value,
      },
      line: look,
      extra: (several ? trainings : []).map((own) => ({
        ...look(own[0]),
        symbol: "line",
        thin: true,
        unnamed: true,
        points: own.map((one) => ({
          x: one[unit],
          y: one[metric]!,
          tip: `${view.title(one.model)}, seed ${one.seed}\n${title} ${formatNumber(one[metric]!)}`,
        })),
      })),
    }),
  );
}

/** FID of a training at a budget: linear in the budget's logarithm between snapshots; undefined before the first. */
export function fidAt(snapshots: readonly BudgetPoint[], unit: Unit, budget: number): number | undefined {
  const after = snapshots.findIndex((one) => one[unit] >= budget);
  const [low, high] = [snapshots[after - 1], snapshots[after]];
  if (!high) return undefined;
  if (high[unit] === budget) return high.fid;
  if (!low) return undefined;
  const share = Math.log(budget / low[unit]) / Math.log(high[unit] / low[unit]);
  return low.fid + share * (high.fid - low.fid);
}

/** FID of every model at the largest budget that every training has reached, in each unit; nothing of a single model. */
export function equalBudgets(view: View): DataTable {
  const points = budgetPoints(view);
  const models = [...new Set(points.map(({ model }) => model))];
  const trainings = byTraining(points);
  const rows = (models.length < 2 ? [] : units).map((row) => ({
    ...row,
    budget: Math.min(...trainings.map((own) => own.at(-1)![row.unit])),
  }));
  const atBudget = ({ unit, budget }: (typeof rows)[number], model: string): string => {
    const own = trainings.filter(([first]) => first.model === model);
    const reading = overSeeds(
      own.flatMap((snapshots) => {
        const value = fidAt(snapshots, unit, budget);
        return value === undefined ? [] : [{ seed: snapshots[0].seed, value }];
      }),
    );
    if (!reading) return "no snapshot so early";
    return `${formatNumber(reading.value)} (${reading.bySeed.length} of ${own.length} seeds)`;
  };
  return numbers(rows, {
    "at equal": ({ title }) => title,
    budget: (row) => row.of(row.budget),
    ...Object.fromEntries(
      models.map((model) => [view.title(model), (row: (typeof rows)[number]) => atBudget(row, model)]),
    ),
  });
}

/** How few steps a teacher and its students need, and what the students cost to train. */
import type { Cell, Run } from "../../record/index.ts";
import {
  baseName,
  describeSetting,
  formatCount,
  formatNumber,
  formatSeconds,
  groupBy,
  metricText,
  metricValue,
  records,
  seriesKey,
  seriesOf,
  spanOf,
  titleOf,
} from "../analysis/index.ts";
import { countAxis, linearDomain, logAxis } from "./axis.ts";
import { type Chart, type DataTable, inCsv, settingOf } from "./chart.ts";
import type { Level } from "./marks.ts";
import { plot } from "./plot.ts";
import { colors, lookOf } from "./theme.ts";

/** The floor's metric against network evaluations: teacher, students, and the GANs' lines. */
export function distillChart(run: Run, cells: readonly Cell[]): Chart | undefined {
  const all = records(cells, "distill");
  const [first] = all;
  if (!first) return undefined;
  const { metric, direction } = first.floor;
  const title = metricText(metric).title;
  const floors = spanOf(all.map(({ floor }) => floor.value));
  const arms = groupBy(
    all.flatMap((record) => record.arms),
    ({ model, sampler, steps }) => JSON.stringify([model, sampler, steps]),
  ).map((group) => ({ ...group[0]!, span: spanOf(group.map(({ value }) => value)) }));
  const log = direction === "lower";
  const gans = records(cells, "diversity").flatMap(({ model, settings }) => {
    if (run.models.find(({ id }) => id === model)?.family !== "gan") return [];
    const value = settings[0] && metricValue(settings[0], baseName(metric));
    return value === undefined ? [] : [{ model, value }];
  });
  const ganLevels = groupBy(gans, ({ model }) => model).map(
    (group): Level => ({
      value: spanOf(group.map(({ value }) => value)).value,
      label: titleOf(run, group[0]!.model),
      color: lookOf(run, group[0]!.model).color,
      side: "right",
    }),
  );
  const levels: Level[] = [
    ...ganLevels,
    {
      value: floors.value,
      label: `floor ${formatNumber(floors.value)}`,
      color: colors.ink,
      side: "left",
      dashed: true,
    },
  ];
  const values = [...arms.flatMap(({ span }) => [span.low, span.high]), ...levels.map(({ value }) => value)];
  return plot({
    id: "distill-steps",
    title: `${title} against network evaluations`,
    description: `Teacher and students, the mean of the seeds with their lowest and highest. Dashed: the floor that a setting must meet (${first.floor.rule}); solid: the GANs at one evaluation.`,
    size: "full",
    height: 300,
    x: countAxis(
      "network evaluations per image, log scale",
      arms.map(({ networkEvaluations }) => networkEvaluations),
    ),
    y: log
      ? logAxis(`${title}, log scale`, values)
      : { title, scale: "linear", domain: linearDomain(values, metricText(metric).domain) },
    levels,
    series: seriesOf(run, cells).flatMap(({ key, label, model, variant }) => {
      const own = arms
        .filter((arm) => seriesKey(arm) === key)
        .toSorted((a, b) => a.networkEvaluations - b.networkEvaluations);
      return own.length > 0
        ? [
            {
              label,
              ...lookOf(run, model, variant),
              points: own.map((arm) => ({
                x: arm.networkEvaluations,
                y: arm.span.value,
                ...(arm.span.n > 1 && { low: arm.span.low, high: arm.span.high }),
                tip: `${describeSetting(run, arm)}\n${title} ${formatNumber(arm.span.value)}, the floor is ${formatNumber(floors.value)}`,
              })),
            },
          ]
        : [];
    }),
    table: {
      columns: ["setting", "network evaluations", title, "lowest", "highest", "seeds"],
      rows: arms.map((arm) => [
        describeSetting(run, arm),
        String(arm.networkEvaluations),
        formatNumber(arm.span.value, 4),
        formatNumber(arm.span.low, 4),
        formatNumber(arm.span.high, 4),
        String(arm.span.n),
      ]),
      sources: inCsv("distill", arms, settingOf),
    },
  });
}

/** Fewest steps that meet the floor, seed by seed, and the training behind each model. */
export function distillTable(run: Run, cells: readonly Cell[]): DataTable {
  return {
    sources: records(cells, "distill").flatMap(({ seed, cost }) =>
      inCsv("distill_training", cost, ({ model }) => ({ seed, model })),
    ),
    columns: [
      "model",
      "seed",
      "floor",
      "fewest steps that meet it",
      "images seen",
      "training",
      "training, the teacher's too",
      "FLOPs",
      "FLOPs, the teacher's too",
    ],
    rows: records(cells, "distill").flatMap(({ seed, floor, fewest, cost }) =>
      cost.map((spent) => {
        const found = fewest.find(({ model }) => model === spent.model);
        return [
          titleOf(run, spent.model),
          String(seed),
          formatNumber(floor.value),
          found?.steps === undefined ? "none" : `${found.steps} (${found.sampler})`,
          formatCount(spent.imagesSeen),
          formatSeconds(spent.seconds),
          formatSeconds(spent.withTeacherSeconds),
          formatCount(spent.flops),
          formatCount(spent.withTeacherFlops),
        ];
      }),
    ),
  };
}

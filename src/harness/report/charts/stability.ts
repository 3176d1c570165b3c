/** How trainings ended over their seeds: quality on the way, final against best, failures, and other learning rates. */
import type { Cell, Run } from "../../record/index.ts";
import {
  formatNumber,
  formatPercent,
  groupBy,
  type ModelTraining,
  metricText,
  metricValue,
  modelTrainings,
  progressOf,
  RANKING,
  records,
  spanOf,
  titleOf,
} from "../analysis/index.ts";
import { countAxis, logAxis } from "./axis.ts";
import { type Chart, inCsv } from "./chart.ts";
import { dotPlot } from "./dots.ts";
import { plot } from "./plot.ts";
import { lookOf } from "./theme.ts";

const TITLE = metricText(RANKING).title;

/** FID of the snapshots over training, a line a model. */
export function overTrainingChart(run: Run, cells: readonly Cell[]): Chart | undefined {
  const curves = modelTrainings(run, cells).map(({ model, seeds }) => ({
    model,
    points: progressOf(seeds.flatMap(({ record }) => record.quality?.snapshots ?? [])),
  }));
  const all = curves.flatMap(({ points }) => points);
  const last = Math.max(0, ...all.map(({ imagesSeen }) => imagesSeen));
  return plot({
    id: "over-training",
    title: "Quality over training",
    description: `${TITLE} of snapshots, scored against images that only serve to choose. Line: mean of the seeds; band: their lowest and highest.`,
    size: "full",
    height: 280,
    x: { title: "training images seen", scale: "linear", domain: [0, last * 1.02], labels: "si" },
    y: logAxis(
      `${TITLE}, log scale`,
      all.flatMap(({ value, low, high }) => [value, low, high]),
    ),
    interval: "area",
    series: curves.map(({ model, points }) => ({
      label: titleOf(run, model),
      ...lookOf(run, model),
      points: points.map(({ imagesSeen, value, low, high, step, seeds }) => ({
        x: imagesSeen,
        y: value,
        ...(seeds > 1 && { low, high }),
        tip: `${titleOf(run, model)}\nstep ${step}: ${TITLE} ${formatNumber(value)}${seeds > 1 ? `, ${seeds} seeds from ${formatNumber(low)} to ${formatNumber(high)}` : ""}`,
      })),
    })),
    table: {
      sources: inCsv(
        "over_training",
        curves.flatMap(({ model, points }) => points.map(({ step }) => ({ model, step }))),
        (one) => ({ ...one, snapshot: "chosen_on" }),
      ),
      columns: ["model", "step", "images seen", TITLE, "lowest", "highest", "seeds"],
      rows: curves.flatMap(({ model, points }) =>
        points.map(({ step, imagesSeen, value, low, high, seeds }) => [
          titleOf(run, model),
          String(step),
          formatNumber(imagesSeen, 6),
          formatNumber(value, 4),
          formatNumber(low, 4),
          formatNumber(high, 4),
          String(seeds),
        ]),
      ),
    },
  });
}

/** What the last weights lost against the best ones, a dot a seed. */
export function finalOverBestChart(run: Run, cells: readonly Cell[]): Chart | undefined {
  const trainings = modelTrainings(run, cells);
  const values = trainings.flatMap(({ seeds }) => seeds.flatMap(({ finalOverBest }) => finalOverBest ?? []));
  return dotPlot({
    id: "final-over-best",
    title: "Final over best",
    description: `${TITLE} of the last weights over that of the best snapshot, both on fresh samples; a dot a seed. At 1 nothing was lost by training to the end.`,
    size: "half",
    axis: logAxis("final / best, log scale", [...values, 1]),
    mark: 1,
    rows: trainings.map(({ model, seeds }) => ({
      label: titleOf(run, model),
      ...lookOf(run, model),
      dots: seeds.flatMap(({ seed, finalOverBest: value }) =>
        value === undefined
          ? []
          : [{ value, tip: `${titleOf(run, model)}, seed ${seed}\nfinal / best ${formatNumber(value)}` }],
      ),
    })),
    table: {
      sources: inCsv(
        "trainings",
        trainings.flatMap(({ model, seeds }) =>
          seeds.flatMap(({ seed, finalOverBest }) => (finalOverBest === undefined ? [] : [{ model, seed }])),
        ),
        (one) => one,
      ),
      columns: ["model", "seed", `best ${TITLE}`, `final ${TITLE}`, "final / best"],
      rows: trainings.flatMap(({ model, seeds }) =>
        seeds.flatMap(({ seed, best, final, finalOverBest }) =>
          finalOverBest === undefined
            ? []
            : [[titleOf(run, model), String(seed), number(best), number(final), number(finalOverBest)]],
        ),
      ),
    },
  });
}

const number = (value: number | undefined): string => (value === undefined ? "" : formatNumber(value, 4));

/** Share of seeds that diverged or collapsed, with its Wilson interval. */
export function failureChart(run: Run, cells: readonly Cell[]): Chart | undefined {
  const known = modelTrainings(run, cells).flatMap(({ model, usability }) =>
    usability.defined ? [{ model, usability }] : [],
  );
  return dotPlot({
    id: "failures",
    title: "Failed trainings",
    description:
      "Share of seeds that diverged or collapsed, with its 95% Wilson interval: what a few seeds leave possible.",
    size: "half",
    axis: { title: "share of seeds", scale: "linear", domain: [0, 1] },
    rows: known.map(({ model, usability: { failure } }) => ({
      label: titleOf(run, model),
      ...lookOf(run, model),
      interval: failure,
      dots: [
        {
          value: failure.share,
          tip: `${titleOf(run, model)}\n${failure.count} of ${failure.seeds} seeds failed\n${formatPercent(failure.low)} to ${formatPercent(failure.high)}`,
        },
      ],
    })),
    table: {
      sources: inCsv("trainings", known, ({ model }) => ({ model })),
      columns: ["model", "seeds", "diverged", "collapsed", "failed", "low", "high"],
      rows: known.map(({ model, usability: { seeds, diverged, collapsed, failure } }) => [
        titleOf(run, model),
        String(seeds),
        String(diverged),
        String(collapsed),
        formatPercent(failure.share),
        formatPercent(failure.low),
        formatPercent(failure.high),
      ]),
    },
  });
}

/** Final FID of every seed. */
export function spreadChart(run: Run, cells: readonly Cell[]): Chart | undefined {
  const trainings = modelTrainings(run, cells).filter(({ seeds }) => seeds.length > 1);
  const values = (one: ModelTraining) =>
    one.seeds.flatMap(({ seed, final }) => (final === undefined ? [] : [{ seed, value: final }]));
  return dotPlot({
    id: "spread",
    title: "Spread of seeds",
    description: `Final ${TITLE} of each seed on fresh samples; the bar joins the lowest and the highest.`,
    size: "half",
    axis: logAxis(
      `final ${TITLE}, log scale`,
      trainings.flatMap((one) => values(one).map(({ value }) => value)),
    ),
    rows: trainings.map((one) => ({
      label: titleOf(run, one.model),
      ...lookOf(run, one.model),
      interval: one.spread ? { low: one.spread.least, high: one.spread.most } : undefined,
      dots: values(one).map(({ seed, value }) => ({
        value,
        tip: `${titleOf(run, one.model)}, seed ${seed}\n${TITLE} ${formatNumber(value)}`,
      })),
    })),
    table: {
      sources: inCsv(
        "trainings",
        trainings.filter(({ spread }) => spread),
        ({ model }) => ({ model }),
      ),
      columns: ["model", "seeds", `mean ${TITLE}`, "lowest", "highest", "sd", "sd / mean"],
      rows: trainings.flatMap(({ model, spread }) =>
        spread
          ? [
              [
                titleOf(run, model),
                String(spread.seeds),
                number(spread.mean),
                number(spread.least),
                number(spread.most),
                number(spread.sd),
                number(spread.relative),
              ],
            ]
          : [],
      ),
    },
  });
}

/** FID after short trainings at multiples of the learning rate. */
export function sensitivityChart(run: Run, cells: readonly Cell[]): Chart | undefined {
  const all = records(cells, "sensitivity");
  const curves = run.models.flatMap(({ id }) => {
    const own = all.filter(({ model }) => model === id);
    const factors = groupBy(own, ({ factor }) => String(factor)).map((group) => {
      const values = group.flatMap(({ quality }) => (quality && metricValue(quality, RANKING)) ?? []);
      return {
        factor: group[0]!.factor,
        seeds: group.length,
        diverged: group.length - values.length,
        span: values.length > 0 ? spanOf(values) : undefined,
      };
    });
    return own.length > 0 ? [{ model: id, factors: factors.toSorted((a, b) => a.factor - b.factor) }] : [];
  });
  const lost = curves.flatMap(({ model, factors }) =>
    factors.flatMap(({ factor, diverged, seeds }) =>
      diverged > 0
        ? [
            `${titleOf(run, model)} diverged at ${factor} times its learning rate in ${diverged} of ${seeds} trainings.`,
          ]
        : [],
    ),
  );
  const values = curves.flatMap(({ factors }) =>
    factors.flatMap(({ span }) => (span ? [span.low, span.high] : [])),
  );
  return plot({
    id: "sensitivity",
    title: "Sensitivity to the learning rate",
    description: `${TITLE} after a short training at multiples of the suite's learning rate. A flat curve forgives; a training that diverged has no point. Line: mean of the seeds; bar: their lowest and highest.`,
    notes: lost,
    size: "half",
    height: 220,
    x: countAxis(
      "learning rate × this, log scale",
      curves.flatMap(({ factors }) => factors.map(({ factor }) => factor)),
    ),
    y: logAxis(`${TITLE}, log scale`, values),
    series: curves.map(({ model, factors }) => ({
      label: titleOf(run, model),
      ...lookOf(run, model),
      points: factors.flatMap(({ factor, span }) =>
        span
          ? [
              {
                x: factor,
                y: span.value,
                low: span.low,
                high: span.high,
                tip: `${titleOf(run, model)}\n${factor} × learning rate: ${TITLE} ${formatNumber(span.value)}`,
              },
            ]
          : [],
      ),
    })),
    table: {
      sources: inCsv(
        "sensitivity",
        curves.flatMap(({ model, factors }) => factors.map(({ factor }) => ({ model, factor }))),
        (one) => one,
      ),
      columns: ["model", "factor", `mean ${TITLE}`, "lowest", "highest", "trainings", "diverged"],
      rows: curves.flatMap(({ model, factors }) =>
        factors.map(({ factor, span, seeds, diverged }) => [
          titleOf(run, model),
          String(factor),
          number(span?.value),
          number(span?.low),
          number(span?.high),
          String(seeds),
          String(diverged),
        ]),
      ),
    },
  });
}

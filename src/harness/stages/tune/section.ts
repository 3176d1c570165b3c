/** How the settings of a run were found, and how much finding them mattered. */
import { formatCount, formatNumber, plural } from "../../../core/format.ts";
import { rng } from "../../../core/rng.ts";
import { rangeText } from "../../../core/space.ts";
import { bootstrapInterval } from "../../../core/statistics/index.ts";
import type { Search } from "../../record/index.ts";
import { type Chart, lookOf, plot } from "../../report/charts/index.ts";
import { charts, type Section, tablePart } from "../../report/section.ts";
import { type DataTable, inCsv, metricTitle, type View } from "../../tables/index.ts";
import { judged } from "../readout/claim.ts";
import { VERDICT_CONFIDENCE } from "../readout/intervals.ts";
import { tuneClaim } from "./claim.ts";
import { countedValues, drawnValues, expectedCurve, searches, tuning } from "./tables.ts";

export function tuneSection(view: View): Section {
  const lost = searches(view).flatMap(({ model, search }) => {
    const count = countedValues(search)?.lost ?? drawnValues(search).length;
    return count > 0
      ? [
          `${view.title(model)}: ${plural(count, "drawn trial")} without a value, counted as the worst of its trials.`,
        ]
      : [];
  });
  return {
    id: "tune",
    title: "Tuning",
    claim: tuneClaim.text,
    verdict: judged(view, tuneClaim),
    parts: [
      ...charts(curveChart(view)),
      ...tablePart("What was searched, and what it found", effortTable(view), tuning.name),
      ...tablePart("Options: where they were searched, and what was chosen", spaceTable(view), tuning.name),
    ],
    protocol: [
      "Every model gets the same number of trials. The first is the setting that the suite had; the others are drawn from the space by a seed. A rung keeps the best of the rung before, trained afresh at a larger budget (successive halving, Jamieson & Talwalkar 2016).",
      "Trials are scored on validation images, with training seeds of their own: nothing that chose is reported elsewhere.",
      "The expected best of k trials is the mean over all subsets of k of the drawn trials (Dodge et al. 2019, without their bias as in Tang et al. 2020), at the first rung's budget; its interval resamples the trials, and says little where k is nearly all of them.",
      ...lost,
    ],
  };
}

const RESAMPLES = 400;

/** The curve of each model with its interval by resampling the trials. */
function curvePoints(view: View) {
  return searches(view).flatMap(({ model, search }) => {
    const counted = countedValues(search);
    if (!counted) return [];
    const { values } = counted;
    const { name: metric, direction } = search.metric;
    const stream = rng(0).fold("tuning").fold(model);
    return expectedCurve(values, direction).map((value, index) => {
      const best = (drawn: readonly number[]) => expectedCurve(drawn, direction)[index]!;
      const request = { confidence: VERDICT_CONFIDENCE, stream: stream.fold(index), resamples: RESAMPLES };
      return { model, metric, trials: index + 1, value, ...bootstrapInterval(values, best, request) };
    });
  });
}

type CurvePoint = ReturnType<typeof curvePoints>[number];

/** Titles of the metrics that chose, mostly one. */
const metricsText = (view: View): string =>
  [...new Set(searches(view).map(({ search }) => metricTitle(view, search.metric.name)))].join(", ");

function curveChart(view: View): Chart | undefined {
  const metric = metricsText(view);
  return plot({
    id: "tuning-curve",
    title: "What the best of k settings gives",
    description: `Expected best ${metric} on validation images after k trials at the first rung's budget. Band: ${100 * VERDICT_CONFIDENCE}% by resampling the trials. Mark at the right: the chosen setting at the whole budget.`,
    rows: curvePoints(view),
    columns: {
      model: ({ model }: CurvePoint) => view.title(model),
      trials: ({ trials }: CurvePoint) => String(trials),
      [`expected best ${metric}`]: ({ value }: CurvePoint) => formatNumber(value),
      low: ({ low }: CurvePoint) => formatNumber(low),
      high: ({ high }: CurvePoint) => formatNumber(high),
    },
    source: inCsv(tuning, ({ model }: CurvePoint) => ({ model, rung: 0 })),
    interval: "area",
    joined: true,
    x: { title: "trials", scale: "linear", of: ({ trials }) => trials },
    y: {
      title: `best ${metric}`,
      scale: "log",
      of: ({ value }) => value,
      low: ({ low }) => low,
      high: ({ high }) => high,
    },
    line: ({ model }) => ({ ...lookOf(view, model), label: view.title(model), symbol: "circle" }),
    extra: searches(view).flatMap(({ model, search: { best, trials, rungs } }) => {
      if (!best) return [];
      const tip = `${view.title(model)}, chosen\n${formatNumber(best.value)} after ${formatCount(rungs.at(-1)!.images)} images`;
      const { color } = lookOf(view, model);
      const points = [{ x: trials, y: best.value, tip }];
      return [
        { label: `${view.title(model)}, chosen`, color, symbol: "diamond" as const, points, unnamed: true },
      ];
    }),
  });
}

function effortTable(view: View): DataTable {
  const number = (value: number | undefined) => (value === undefined ? "none" : formatNumber(value));
  const at = ({ rungs }: Search, trial: number | undefined) =>
    number(rungs[0]!.values.find((one) => one.trial === trial)?.value);
  return {
    columns: [
      ...["model", "metric", "trials", "budgets in images", "first seed", "suite's own setting"],
      ...["drawn: quartiles", "chosen, same budget", "chosen, whole budget"],
    ],
    rows: searches(view).map(({ model, search }) => {
      const { trials, rungs, seed, spread, best, metric } = search;
      return [
        view.title(model),
        `${metricTitle(view, metric.name)}, n ${metric.n}`,
        String(trials),
        rungs.map(({ images, values }) => `${values.length} × ${formatCount(images)}`).join(", "),
        String(seed),
        at(search, 0),
        spread
          ? [spread.low, spread.median, spread.high].map((value) => formatNumber(value)).join(", ")
          : "none",
        at(search, best?.trial),
        number(best?.value),
      ];
    }),
  };
}

function spaceTable(view: View): DataTable {
  const shown = (value: unknown) => (value === undefined ? "" : JSON.stringify(value));
  return {
    columns: ["model", "option", "range", "suite's own", "chosen"],
    rows: searches(view).flatMap(({ model, search: { space, rungs, best } }) =>
      Object.entries(space).map(([option, range]) => [
        view.title(model),
        option,
        rangeText(range),
        shown(rungs[0]!.values.find(({ trial }) => trial === 0)?.options?.[option]),
        shown(best?.options[option]),
      ]),
    ),
  };
}

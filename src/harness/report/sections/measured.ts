/** Tables of everything measured, and what training cost. */
import { formatCount, formatMs, formatPercent } from "../../../core/format.ts";
import { qualityTable } from "../../stages/diversity/quality.ts";
import { CONFIDENCE, percentileGaps, percentileOf } from "../../stages/latency/percentiles.ts";
import { fromLatency, setting } from "../../stages/latency/serving.ts";
import { type LatencyRow, latency, latencyRows } from "../../stages/latency/tables.ts";
import { stability } from "../../stages/stability/tables.ts";
import { trainingTime } from "../../stages/train/tables.ts";
import { inCsv, numbers, shown, type View } from "../../tables/index.ts";
import { type Section, tablePart } from "../section.ts";

export function measuredSection(view: View): Section {
  return {
    id: "measured",
    title: "Everything measured",
    parts: [
      ...tablePart("Quality of every sampled set", qualityTable(view)),
      ...tablePart(
        `Time of a request; in brackets the ${formatPercent(CONFIDENCE)} interval over processes`,
        latencyTable(view),
      ),
      ...tablePart("Training curves", stabilityTable(view)),
      ...tablePart("What training cost", costTable(view)),
    ],
  };
}

/** A percentile with its interval over processes, or what it needs. */
const bounded = (level: "p50" | "p90" | "p95" | "p99") => ({
  [level]: (row: LatencyRow) => {
    const percentile = percentileOf(row, level);
    if (!percentile) return percentileGaps(row, [level])[0]?.replace(`${level} `, "");
    const { value, interval } = percentile;
    return interval.defined
      ? `${formatMs(value)} (${formatMs(interval.low)} to ${formatMs(interval.high)})`
      : `${formatMs(value)}, one process`;
  },
});

const latencyTable = (view: View) =>
  numbers(
    latencyRows(view),
    {
      setting: setting(view),
      ...shown(view, latency, "batch", "n", "processes", "mean_ms"),
      ...bounded("p50"),
      ...bounded("p90"),
      ...bounded("p95"),
      ...bounded("p99"),
      ...shown(
        view,
        latency,
        "images_per_second",
        "network_evaluations",
        "compile_ms",
        "first_ms",
        "peak_rss_mib",
      ),
    },
    fromLatency,
  );

const stabilityTable = (view: View) =>
  numbers(
    stability.rows(view),
    {
      ...shown(view, stability, "model", "seed", "outcome"),
      quantity: ({ quantity }) => quantity.replaceAll("_", " "),
      ...shown(view, stability, "count", "first", "last", "mean", "sd"),
      "late sd / mean": ({ coefficientOfVariation }) => coefficientOfVariation ?? "undefined",
      spikes: ({ spikeScore }) => spikeScore ?? "undefined",
    },
    inCsv(stability, ({ model, seed, quantity }) => ({ model, seed, quantity })),
  );

function costTable(view: View) {
  const count = (value: number | undefined) => value && formatCount(value);
  return numbers(
    trainingTime
      .rows(view)
      .filter(({ stage }) => stage === "train")
      .map((row) => ({ ...row, facts: view.model(row.model) })),
    {
      ...shown(view, trainingTime, "model", "seed", "outcome"),
      "made of": ({ facts }) => facts?.description,
      parameters: ({ facts }) => count(facts?.parameters),
      "parameters that sample": ({ facts }) => count(facts?.samplingParameters),
      "FLOPs per evaluation": ({ facts }) => count(facts?.flopsPerEvaluation),
      "FLOPs per training image": ({ facts }) => count(facts?.flopsPerTrainingImage),
      ...shown(
        view,
        trainingTime,
        "images_seen",
        "seconds",
        "compile_seconds",
        "images_per_second",
        "peak_rss_mib",
      ),
    },
    inCsv(trainingTime, ({ model, seed }) => ({ stage: "train", model, seed })),
  );
}

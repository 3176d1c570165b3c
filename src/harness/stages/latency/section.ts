/** Claim 2: what an image costs to make. */
import { formatMs, formatPercent } from "../../../core/format.ts";
import { bySeries, type Chart, colors, onePassLevels, plot } from "../../report/charts/index.ts";
import { charts, type Section, tablePart, text } from "../../report/section.ts";
import {
  groupBy,
  isOnePass,
  metricTitle,
  priceOf,
  RANKING,
  seedCount,
  seriesKey,
  settingKey,
  shortLabel,
  shown,
  type View,
} from "../../tables/index.ts";
import { glance } from "../diversity/glance.ts";
import { anchorLevelsAt } from "../diversity/quality.ts";
import { labelsOf, qualityPoints } from "../diversity/tables.ts";
import { judged } from "../readout/claim.ts";
import { latencyClaim } from "./claim.ts";
import { optionsAt, paretoFront } from "./front.ts";
import { CONFIDENCE, percentileInterval, percentileOf } from "./percentiles.ts";
import {
  coldStartChart,
  DRIFT,
  fromLatency,
  isNoisy,
  memoryChart,
  noiseChart,
  noisySeries,
  noisyTable,
  priceChart,
  setting,
} from "./serving.ts";
import { comparedBatches, type LatencyRow, latency, latencyRows } from "./tables.ts";

/** Models that had no weights to time, and why. */
function untimed(view: View) {
  const all = view.records("latency").flatMap(({ without = [] }) => without);
  const reasons = new Map(all.map(({ model, why }) => [model, why]));
  return [...reasons].flatMap(([model, why]) => text(`Not timed: ${view.title(model)}, because ${why}.`));
}

export function latencySection(view: View): Section {
  const timed = latencyRows(view).length > 0;
  const series = noisySeries(view);
  const noisy = series.filter(isNoisy);
  return {
    id: "latency",
    title: "Inference cost",
    claim: latencyClaim.text,
    verdict: judged(view, latencyClaim),
    introduction: "Steady state; cold starts stand apart, further down.",
    parts: [
      ...charts(
        ...comparedBatches(view).map((batch) => latencyChart(view, batch)),
        throughputChart(view),
        priceChart(view),
        coldStartChart(view),
        memoryChart(view),
        noiseChart(view),
      ),
      ...untimed(view),
      ...(timed && !priceOf(view)
        ? text(
            "Not measured: cost per 1,000 images, because the suite has no price per hour (price.perHour).",
          )
        : []),
      ...(timed
        ? text(
            noisy.length === 0
              ? `None of ${series.length} series of requests drifts or begins with an outlier.`
              : `${noisy.length} of ${series.length} series of requests drift or begin with an outlier: read their times with care.`,
          )
        : []),
      ...tablePart(
        "Series of requests that drift or begin with an outlier",
        noisyTable(view, noisy),
        latency.name,
      ),
    ],
    protocol: [
      "A request is one batch, timed from the call to images on the host. The process is the unit: each process times every setting, samples are kept in time order and none is dropped.",
      `A percentile is that of a process's requests (type 8 of Hyndman and Fan), as the geometric mean over processes. Its interval is Student's of the processes' logarithms at ${formatPercent(CONFIDENCE)}: it takes processes as independent and their logarithms as about normal, and needs two of them. A percentile beyond the median is given only where the requests carry an upper bound at ${formatPercent(CONFIDENCE)} (p95 59, p99 299) and each process holds its rank (p95 13, p99 67); latency.csv says where they do not.`,
      `A series drifts where Mann and Kendall's test finds a trend at p < ${DRIFT.p} that moves it by more than ${formatPercent(DRIFT.change)} of its median (Sen's slope); a first request stands out where it lies beyond Tukey's outer fences of the others.`,
      "Training, downloading weights and loading the program are not part of a request; a cold start holds tracing, the session and the first request.",
    ],
  };
}

/** Each point is a setting that could be deployed. */
export function frontSection(view: View): Section {
  return {
    id: "front",
    title: "Quality against time",
    introduction:
      "Each point is a setting that could be deployed. By these two numbers, only those on the line are worth choosing.",
    parts: [...glance(view), ...charts(...comparedBatches(view).map((batch) => frontChart(view, batch)))],
  };
}

const titleOfBatch = (batch: number): string =>
  batch === 1 ? "One image at a time" : `In batches of ${batch}`;

function frontChart(view: View, batch: number): Chart | undefined {
  const options = optionsAt(view, batch).toSorted((a, b) => a.ms - b.ms);
  const front = new Set(paretoFront(options.filter(({ ms, quality }) => ms > 0 && quality > 0)));
  const ranking = metricTitle(view, RANKING);
  return plot({
    id: `front-batch-${batch}`,
    title: titleOfBatch(batch),
    description: `${ranking} against time per image at batch ${batch}; lower and further left is better. The line joins the settings that no other one beats in both. Dashed: real images and noise.`,
    height: 320,
    rows: options,
    columns: {
      setting: setting(view),
      "time per image": ({ ms }) => formatMs(ms),
      [ranking]: ({ quality }) => quality,
      seeds: ({ reading }) => seedCount(reading),
      "told labels": ({ model }) => labelsOf(view, model),
      "on the front": (option) => (front.has(option) ? "yes" : ""),
    },
    x: { title: "time per image (median)", scale: "log", labels: "milliseconds", of: ({ ms }) => ms },
    y: { title: ranking, scale: "log", of: ({ quality }) => quality },
    levels: anchorLevelsAt(view, qualityPoints(view)[0]?.n, RANKING),
    joined: false,
    pointSize: 70,
    faint: (option) => !front.has(option),
    label: (option) => (front.has(option) ? shortLabel(view, option) : undefined),
    line: bySeries(view),
    extra: [
      {
        label: "Pareto front",
        color: colors.ink,
        symbol: "line",
        stepped: true,
        points: [...front].map(({ ms, quality }) => ({ x: ms, y: quality, tip: "Pareto front" })),
      },
    ],
  });
}

/** Time per image against sampling steps. */
function latencyChart(view: View, batch: number): Chart | undefined {
  const rows = latencyRows(view).filter((row) => row.batch === batch);
  const perImage = (level: "p5" | "p95" | "p99") => (row: LatencyRow) => {
    const percentile = percentileOf(row, level);
    return percentile && percentile.value / batch;
  };
  const shownAt = (level: "p5" | "p95" | "p99") => (row: LatencyRow) => {
    const value = perImage(level)(row);
    return value === undefined ? "too few requests" : formatMs(value);
  };
  const interval = (side: "low" | "high") => (row: LatencyRow) => {
    const found = percentileInterval(row, "p50");
    return found && formatMs(found[side] / batch);
  };
  return plot({
    id: `latency-batch-${batch}`,
    title: titleOfBatch(batch),
    description: `Time per image against sampling steps at batch ${batch}. Line: median request divided by its images; band: 5th to 95th percentile, where there are requests enough.`,
    rows,
    columns: {
      setting: setting(view),
      median: ({ msPerImage }) => formatMs(msPerImage),
      "median, low": interval("low"),
      "median, high": interval("high"),
      p5: shownAt("p5"),
      p95: shownAt("p95"),
      p99: shownAt("p99"),
      ...shown(view, latency, "network_evaluations", "n", "processes"),
    },
    source: fromLatency,
    draws: ({ model, steps }) => !isOnePass(view, model) && steps > 0,
    x: { title: "sampling steps", scale: "count", of: ({ steps }) => steps },
    y: {
      title: "time per image",
      scale: "log",
      labels: "milliseconds",
      of: ({ msPerImage }) => msPerImage,
      low: perImage("p5"),
      high: perImage("p95"),
    },
    interval: "area",
    levels: onePassLevels(
      view,
      rows,
      ({ msPerImage }) => msPerImage,
      (title, ms) => `${title}, one pass: ${formatMs(ms)}`,
    ),
    line: bySeries(view),
  });
}

/** Lines a throughput chart can hold and stay legible, besides those of one-pass models. */
const THROUGHPUT_LINES = 4;

/** Images per second against batch size, of settings timed at two batch sizes or more. */
function throughputChart(view: View): Chart | undefined {
  const groups = groupBy(latencyRows(view), settingKey).filter((group) => group.length > 1);
  const onePass = groups.filter(([{ model }]) => isOnePass(view, model));
  // of the sampler with the most settings, the first of equals: samplers cost about the same per step
  const [swept = []] = groupBy(
    groups.filter((group) => !onePass.includes(group)),
    ([first]) => seriesKey(first),
  ).toSorted((a, b) => b.length - a.length);
  const drawn = new Set([...onePass, ...spreadOut(swept, THROUGHPUT_LINES)].flat());
  const batches = [...drawn].map(({ batch }) => batch);
  const [least, most] = [Math.min(...batches), Math.max(...batches)];
  const left = groups.filter(([first]) => !drawn.has(first)).length;
  return plot({
    id: "throughput",
    title: "Throughput",
    description: "Images per second against the images in one request: requests × batch / total time.",
    notes: left > 0 ? [`${left} more settings stand under “Numbers”.`] : [],
    rows: groups.flat(),
    columns: {
      setting: setting(view),
      ...shown(view, latency, "batch", "images_per_second", "seconds_per_1000_images"),
    },
    source: fromLatency,
    draws: (row) => drawn.has(row),
    x: {
      title: "batch size",
      scale: "count",
      include: drawn.size > 0 ? [most * (most / least) ** 0.3] : [], // room for the names
      of: ({ batch }) => batch,
    },
    y: { title: "images per second", scale: "log", of: ({ imagesPerSecond }) => imagesPerSecond },
    label: (row) => (row.batch === most ? shortLabel(view, row) : undefined),
    line: bySeries(view),
    apart: settingKey,
    unnamed: true,
  });
}

/** Up to `count` members, evenly spread, first and last included. */
function spreadOut<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.round((i * (items.length - 1)) / (count - 1))]!);
}

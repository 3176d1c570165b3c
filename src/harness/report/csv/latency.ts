import { CONFIDENCE, type LatencyRow, latencyRows, type Percentile } from "../analysis/index.ts";
import * as c from "./columns.ts";
import { type CsvValue, table } from "./table.ts";

/** Percentiles that come with an interval. */
const levels = ["p50", "p90", "p95", "p99"] as const;

const milliseconds = (meaning: string) => ({ unit: "ms", meaning });
const bound = (level: string, side: string) =>
  milliseconds(`${side} distribution-free bound of ${level}; empty where n cannot carry it, see note`);

export const latency = table({
  describe:
    "Time of a request; one row a model, sampler, step count and batch size. Differs between runs of one seed.",
  timing: true,
  columns: {
    model: c.model,
    sampler: c.sampler,
    steps: c.steps,
    batch: { unit: "images", meaning: "images a request" },
    network_evaluations: { meaning: "passes through the network a request" },
    processes: { meaning: "processes that measured this setting" },
    n: { meaning: "timed requests of all processes" },
    mean_ms: milliseconds("mean request"),
    p50_ms: milliseconds("median request"),
    p50_low_ms: bound("p50", "lower"),
    p50_high_ms: bound("p50", "upper"),
    p90_ms: milliseconds("90th percentile"),
    p90_low_ms: bound("p90", "lower"),
    p90_high_ms: bound("p90", "upper"),
    p95_ms: milliseconds("95th percentile"),
    p95_low_ms: bound("p95", "lower"),
    p95_high_ms: bound("p95", "upper"),
    p99_ms: milliseconds("99th percentile"),
    p99_low_ms: bound("p99", "lower"),
    p99_high_ms: bound("p99", "upper"),
    confidence: { meaning: "confidence of each bound alone" },
    process_p50_low_ms: milliseconds("lowest median of a process"),
    process_p50_high_ms: milliseconds("highest median of a process"),
    ms_per_image: milliseconds("median request divided by its images"),
    images_per_second: { unit: "images/s", meaning: "n x batch / total time of the requests" },
    seconds_per_1000_images: { unit: "s", meaning: "1000 / images_per_second" },
    compile_ms: milliseconds("session creation, median over processes"),
    first_ms: milliseconds("first request of a process, median over processes"),
    peak_rss_mib: { unit: "MiB", meaning: "highest resident memory of a process that measured this setting" },
    note: { meaning: "which bounds are empty and why" },
  },
  rows(run, cells) {
    return latencyRows(run.models, cells).map((row) => ({
      model: row.model,
      sampler: row.sampler,
      steps: row.steps,
      batch: row.batch,
      network_evaluations: row.networkEvaluations,
      processes: row.processes,
      n: row.n,
      mean_ms: row.meanMs,
      ...percentile("p50", row.percentiles.p50),
      ...percentile("p90", row.percentiles.p90),
      ...percentile("p95", row.percentiles.p95),
      ...percentile("p99", row.percentiles.p99),
      confidence: CONFIDENCE,
      process_p50_low_ms: row.processP50.low,
      process_p50_high_ms: row.processP50.high,
      ms_per_image: row.msPerImage,
      images_per_second: row.imagesPerSecond,
      seconds_per_1000_images: 1000 / row.imagesPerSecond,
      compile_ms: row.compileMs,
      first_ms: row.firstMs,
      peak_rss_mib: row.peakRssMiB,
      note: noteOf(row),
    }));
  },
});

type PercentileColumns<Level extends string> = Record<`${Level}_${"" | "low_" | "high_"}ms`, CsvValue>;

function percentile<Level extends string>(level: Level, { value, interval }: Percentile) {
  const bounds = interval.defined ? interval : undefined;
  return {
    [`${level}_ms`]: value,
    [`${level}_low_ms`]: bounds?.low,
    [`${level}_high_ms`]: bounds?.high,
  } as PercentileColumns<Level>;
}

function noteOf({ percentiles }: LatencyRow): string {
  return levels
    .flatMap((level) => {
      const { interval } = percentiles[level];
      return interval.defined ? [] : [interval.why];
    })
    .join("; ");
}

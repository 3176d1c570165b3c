/** Readings of cells that time: a process gives one value, the median of its requests. */
import { median } from "../../../core/statistics/index.ts";
import type { Reading } from "../readings.ts";
import { only, processUnit, type Reader, runUnit, settingOf, timing } from "./make.ts";

export const readLatency: Reader<"latency"> = ({ process, series, peakRssMiB, peakGpuMiB }) => {
  const unit = processUnit(process);
  const readings: Reading[] = series.flatMap((one) => {
    const place = ["latency", one.model, settingOf(one), `batch-${one.batch}`];
    return [
      timing(place, "request_ms", median(one.samplesMs), unit, "lower", "median of a process"),
      timing(
        place,
        "first_request_ms",
        one.compileMs + one.firstMs,
        unit,
        "lower",
        "session and first request",
      ),
    ];
  });
  readings.push(timing(["latency", "process"], "peak_rss_mib", peakRssMiB, unit));
  if (peakGpuMiB !== undefined)
    readings.push(timing(["latency", "process"], "peak_gpu_mib", peakGpuMiB, unit));
  return only(readings);
};

export const readCost: Reader<"cost"> = ({ points }) =>
  only(
    points.map(({ model, variant, batch, milliseconds }) =>
      timing(
        ["cost", model, variant, `batch-${batch}`],
        "evaluation_ms",
        milliseconds,
        runUnit,
        "lower",
        "median",
      ),
    ),
  );

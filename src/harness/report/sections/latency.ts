/** Claim 2: what an image costs to make. */
import type { Cell, Run } from "../../record/index.ts";
import {
  claims,
  DRIFT,
  describeSetting,
  drifts,
  firstStandsOut,
  formatNumber,
  formatPercent,
  noiseRows,
  priceOf,
  records,
} from "../analysis/index.ts";
import { inCsv, settingOf } from "../charts/chart.ts";
import type { DataTable } from "../charts/index.ts";
import { latencyCharts, throughputChart } from "../charts/latency.ts";
import { coldStartChart, memoryChart, noiseChart, priceChart } from "../charts/serving.ts";
import { charts, present, type Section, tablePart, text } from "./section.ts";

export function latencySection(run: Run, cells: readonly Cell[]): Section {
  const timed = records(cells, "latency").length > 0;
  const rows = noiseRows(cells);
  const noisy = rows.filter((row) => drifts(row) || firstStandsOut(row));
  return {
    id: "latency",
    title: "Inference cost",
    claim: claims.latency.text,
    verdict: claims.latency.judge(run, cells),
    introduction: "Steady state, apart from cold starts, which stand further down.",
    parts: [
      ...charts([
        ...latencyCharts(run, cells),
        ...present(
          throughputChart(run, cells),
          priceChart(run, cells),
          coldStartChart(run, cells),
          memoryChart(run, cells),
          noiseChart(run, cells),
        ),
      ]),
      ...(timed && !priceOf(run)
        ? text(
            "Not measured: cost per 1,000 images, because the suite has no price of an hour (price.perHour).",
          )
        : []),
      ...(timed
        ? text(
            noisy.length === 0
              ? `None of ${rows.length} series of requests drifts or begins with an outlier.`
              : `${noisy.length} of ${rows.length} series of requests drift or begin with an outlier: read their times with care.`,
          )
        : []),
      ...tablePart(
        "Series of requests that drift or begin with an outlier",
        noiseTable(run, noisy),
        "latency",
      ),
    ],
    protocol: [
      "A request is one batch, timed from the call to images on the host. The process is the unit: each process times every setting, samples are kept in time order and none is dropped.",
      "Bands and percentiles pool the requests of all processes of a setting. A percentile has bounds only where there are requests enough to carry them; they stand in latency.csv.",
      `A series drifts where Mann and Kendall's test finds a trend at p < ${DRIFT.p} that moves it by more than ${formatPercent(DRIFT.change)} of its median (Sen's slope); a first request stands out where it lies beyond Tukey's outer fences of the others.`,
      "Training, downloading weights and loading the program are not part of a request; a cold start holds tracing, the session and the first request.",
    ],
  };
}

function noiseTable(run: Run, rows: ReturnType<typeof noiseRows>): DataTable {
  return {
    sources: inCsv("latency", rows, (row) => ({ ...settingOf(row), batch: row.batch })),
    columns: ["setting", "batch", "process", "requests", "sd / mean", "drift", "p", "first / others"],
    rows: rows.map((row) => {
      const { coefficientOfVariation: cv, drift, first } = row.noise;
      return [
        describeSetting(run, row),
        String(row.batch),
        String(row.process),
        String(row.n),
        cv === undefined ? "" : formatPercent(cv),
        drift.defined ? formatPercent(drift.change) : "",
        drift.defined ? formatNumber(drift.p, 2) : "",
        first.defined ? formatNumber(first.ratio) : "",
      ];
    }),
  };
}

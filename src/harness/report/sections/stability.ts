/** Claim 1: how calmly each model trains, and where it ends. */

import type { Cell, Run } from "../../record/index.ts";
import { quantityText } from "../../record/quantities.ts";
import {
  claims,
  formatNumber,
  formatPercent,
  formatSeconds,
  modelTrainings,
  records,
  type SeedTraining,
  titleOf,
} from "../analysis/index.ts";
import { inCsv } from "../charts/chart.ts";
import type { DataTable } from "../charts/index.ts";
import {
  failureChart,
  finalOverBestChart,
  overTrainingChart,
  sensitivityChart,
  spreadChart,
} from "../charts/stability.ts";
import { trainingCharts } from "../charts/training.ts";
import { charts, present, type Section, tablePart } from "./section.ts";

export function stabilitySection(run: Run, cells: readonly Cell[]): Section {
  return {
    id: "stability",
    title: "Training stability",
    claim: claims.stability.text,
    verdict: claims.stability.judge(run, cells),
    parts: [
      ...charts(present(overTrainingChart(run, cells))),
      ...charts(
        present(
          finalOverBestChart(run, cells),
          failureChart(run, cells),
          spreadChart(run, cells),
          sensitivityChart(run, cells),
        ),
      ),
      ...tablePart("Each training: how it went and where it ended", seedTable(run, cells), "trainings"),
      ...tablePart(
        "Trainings that left the finite numbers, and what the steps after it did",
        divergenceTable(run, cells),
        "trainings",
      ),
      ...tablePart(
        "What a usable model takes, failed trainings counted in",
        usableTable(run, cells),
        "training_time",
      ),
      ...charts(trainingCharts(run, cells)),
    ],
    protocol: [
      "Snapshots are scored against images that only choose; the best and the last are sampled afresh and scored against the reference, because the least of noisy values is too low.",
      "A training has collapsed where its final samples reach fewer modes than the suite's share of those that as many real images reach. A diverged training left the finite numbers: a result, not a fault of the run.",
      "A spike is a value at least 7 standard deviations from the mean of up to 1,000 values before it. An oscillation is the strongest periodic part of a curve where Fisher's test finds it unlikely by chance. A discriminator is saturated at a step at which it tells nearly all images apart; counted over the second half of training.",
      "The expected cost of a usable model is that of one training over the share of usable ones; its interval is that share's alone.",
      ...meanings(cells),
    ],
  };
}

/** What each recorded quantity is, and with what it may be compared. */
function meanings(cells: readonly Cell[]): string[] {
  const recorded = records(cells, "train").flatMap(({ curves }) => curves.map(({ quantity }) => quantity));
  return [...new Set(recorded)].flatMap((quantity) => {
    const said = quantityText(quantity);
    return said ? [`${said.title}: ${said.meaning} ${said.comparable}`] : [];
  });
}

const number = (value: number | undefined): string => (value === undefined ? "" : formatNumber(value));

function seedTable(run: Run, cells: readonly Cell[]): DataTable {
  const trainings = modelTrainings(run, cells).flatMap(({ seeds }) => seeds);
  return {
    sources: inCsv("trainings", trainings, ({ record, seed }) => ({ model: record.model, seed })),
    columns: [
      "model",
      "seed",
      "outcome",
      "best FID",
      "final FID",
      "final / best",
      "modes",
      "collapsed",
      "saturated",
      "oscillates",
      "spikes",
    ],
    rows: trainings.map((training) => {
      const { record, seed, best, final, finalOverBest } = training;
      const { collapse, saturation, statistics } = record;
      return [
        titleOf(run, record.model),
        String(seed),
        outcomeOf(training),
        number(best),
        number(final),
        number(finalOverBest),
        collapse ? `${collapse.modes} of ${collapse.realModes}` : "",
        collapse ? (collapse.collapsed ? "yes" : "no") : "",
        saturation ? formatPercent(saturation.share) : "",
        statistics
          .flatMap(({ quantity, oscillation }) =>
            oscillation?.significant
              ? [`${quantity.replaceAll("_", " ")}, ${formatNumber(oscillation.period)} steps`]
              : [],
          )
          .join("; "),
        String(statistics.reduce((sum, { spikes }) => sum + spikes.length, 0)),
      ];
    }),
  };
}

const outcomeOf = ({ record: { outcome, divergence } }: SeedTraining): string =>
  divergence ? `${outcome} at step ${divergence.step}` : outcome;

/** Each divergence with the share of the state that was not finite, at once and after each further step. */
function divergenceTable(run: Run, cells: readonly Cell[]): DataTable {
  const diverged = records(cells, "stability").flatMap(({ model, seed, divergence }) =>
    divergence ? [{ model, seed, divergence }] : [],
  );
  return {
    sources: inCsv("trainings", diverged, ({ model, seed }) => ({ model, seed })),
    columns: [
      "model",
      "seed",
      "step",
      "first value that was no number",
      "first tensor",
      "state not finite",
      "after further steps",
      "so it",
    ],
    rows: diverged.map(({ model, seed, divergence: { step, quantity, tensor, share, next = [] } }) => [
      titleOf(run, model),
      String(seed),
      String(step),
      quantity?.replaceAll("_", " ") ?? "none",
      tensor ?? "none",
      share === undefined ? "" : formatPercent(share),
      next.map((one) => `step ${one.step}: ${formatPercent(one.share)}`).join(", "),
      courseOf(share, next.at(-1)?.share),
    ]),
  };
}

/** What became of the share of the state that was not finite. */
function courseOf(first: number | undefined, last: number | undefined): string {
  if (first === undefined || last === undefined) return "";
  if (last === 0) return first === 0 ? "never reached the state" : "healed";
  return last > first ? "spread" : last < first ? "receded" : "stayed";
}

function usableTable(run: Run, cells: readonly Cell[]): DataTable {
  return {
    columns: ["model", "seeds", "failed", "training for a usable model", "at least", "at most"],
    rows: modelTrainings(run, cells).flatMap(({ model, usability }) => {
      if (!usability.defined) return [];
      const { seeds, failure, cost } = usability;
      const start = [titleOf(run, model), String(seeds), formatPercent(failure.share)];
      return [
        cost.defined
          ? [
              ...start,
              formatSeconds(cost.expected),
              formatSeconds(cost.low),
              cost.high === undefined ? "unbounded" : formatSeconds(cost.high),
            ]
          : [...start, cost.why, "", ""],
      ];
    }),
  };
}

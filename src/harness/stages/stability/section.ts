/** Claim 1: how calmly each model trains, and where it ends. */
import { formatNumber, formatPercent } from "../../../core/format.ts";
import { quantityText } from "../../record/index.ts";
import { byModel, type Chart, dots, plot } from "../../report/charts/index.ts";
import { charts, type Section, tablePart } from "../../report/section.ts";
import {
  byKey,
  groupBy,
  inCsv,
  metricTitle,
  metricValue,
  numbers,
  RANKING,
  seedColumns,
  shown,
  type View,
} from "../../tables/index.ts";
import { judged } from "../readout/claim.ts";
import { sensitivity } from "../sensitivity/tables.ts";
import { trainingCharts } from "../train/section.ts";
import { trainingTime } from "../train/tables.ts";
import { budgetCharts, budgets, equalBudgets } from "./budgets.ts";
import { stabilityClaim } from "./claim.ts";
import { qualityTime, qualityTimeTable } from "./quality-time.ts";
import { modelTrainings, seedTrainings, trainings } from "./tables.ts";
import { divergenceTable, ofSeeds, seedTable, usabilities, usableTable } from "./trainings.ts";

export function stabilitySection(view: View): Section {
  return {
    id: "stability",
    title: "Training stability",
    claim: stabilityClaim.text,
    verdict: judged(view, stabilityClaim),
    parts: [
      ...charts(...budgetCharts(view)),
      ...tablePart("Quality at equal budgets of training", equalBudgets(view), budgets.name),
      ...tablePart(
        "Training to a tenth of the way from real images to noise",
        qualityTimeTable(view),
        qualityTime.name,
      ),
      ...charts(finalOverBestChart(view), failureChart(view), spreadChart(view), sensitivityChart(view)),
      ...tablePart("Each training: how it went and where it ended", seedTable(view), trainings.name),
      ...tablePart(
        "Trainings that left the finite numbers, and what the steps after it did",
        divergenceTable(view),
        trainings.name,
      ),
      ...tablePart(
        "Training time for one usable model, failed trainings included",
        usableTable(view),
        trainingTime.name,
      ),
      ...charts(...trainingCharts(view)),
    ],
    protocol: [
      "What training took is shown in three units, because none of them alone is fair: seconds are those of this engine on this machine, an image is not alike work for two networks, and not all FLOPs take alike time. Between snapshots quality is interpolated over the budget's logarithm. A student is charged with its teacher's training too.",
      "Snapshots are scored against images that only choose. The best and the last one are sampled afresh and scored against the reference, because the least of noisy values is too low.",
      failureRule(view),
      "A spike is a value at least 7 standard deviations from the mean of up to 1,000 values before it. An oscillation is the strongest periodic part of a curve where Fisher's test finds it unlikely by chance. A discriminator is saturated at a step at which it tells nearly all images apart; counted over the second half of training.",
      "The expected cost of a usable model is that of one training over the share of usable ones; its interval is that share's alone.",
      ...meanings(view),
    ],
  };
}

/** When a training has failed, with the numbers of this run. */
function failureRule(view: View): string {
  const rule = "A training has failed where it diverged, that is, left the finite numbers";
  const over =
    "Failures are results, not faults of the run. Averages over seeds say over how many of how many.";
  const found = view.records("stability");
  const [bound] = found.flatMap((record) => record.bound ?? []);
  const [collapse] = found.flatMap((record) => record.collapse ?? []);
  if (!bound)
    return found.some(({ quality }) => quality)
      ? `${rule}; bad images were not judged when this run was made, so nothing in it counts as usable. ${over}`
      : `${rule}; images over training were not scored. ${over}`;
  const images = `its final FID lies ${formatPercent(bound.share)} or more of the way from other real images to noise, in the distance that FID is the square of (FID ${formatNumber(bound.worst)} or worse, between ${formatNumber(bound.floor)} and ${formatNumber(bound.noise)})`;
  const modes =
    collapse?.modeShare === undefined
      ? "; modes were not counted, so nothing counts as usable"
      : `; or where its final samples reach fewer than ${formatPercent(collapse.threshold)} of the modes that as many real images reach, a mode being reached with ${formatPercent(collapse.modeShare)} of its expected images`;
  return `${rule}; where ${images}${modes}. ${over}`;
}

/** What each recorded quantity is, and with what it may be compared. */
function meanings(view: View): string[] {
  const recorded = view.records("train").flatMap(({ curves }) => curves.map(({ quantity }) => quantity));
  return [...new Set(recorded)].flatMap((quantity) => {
    const facts = quantityText(quantity);
    return facts ? [`${facts.title}: ${facts.meaning} ${facts.comparable}`] : [];
  });
}

/** What the last weights lost against the best ones, a dot a seed. */
function finalOverBestChart(view: View): Chart | undefined {
  return dots({
    id: "final-over-best",
    title: "Final over best",
    description: `${metricTitle(view, RANKING)} of the last weights over that of the best snapshot, both on fresh samples; a dot a seed. At 1 nothing was lost by training to the end.`,
    rows: seedTrainings(view).filter(({ finalOverBest }) => finalOverBest !== undefined),
    columns: shown(view, trainings, "model", "seed", "best_fid", "final_fid", "final_over_best"),
    source: inCsv(trainings, ({ model, seed }) => ({ model, seed })),
    axis: { title: "final / best", scale: "log" },
    value: ({ finalOverBest }) => finalOverBest,
    mark: 1,
    line: byModel(view),
  });
}

/** Share of seeds that failed, with its Wilson interval. */
function failureChart(view: View): Chart | undefined {
  return dots({
    id: "failures",
    title: "Failed trainings",
    description:
      "Share of seeds that diverged, ended with images too bad to be of use or lost modes, with its 95% Wilson interval: what a few seeds leave possible.",
    rows: usabilities(view),
    columns: {
      model: ({ model }) => view.title(model),
      seeds: ({ seeds }) => seeds,
      diverged: ({ diverged }) => diverged,
      "bad images": ({ bad }) => bad,
      "lost modes": ({ collapsed }) => collapsed,
      failed: ({ failure }) => formatPercent(failure.share),
      low: ({ failure }) => formatPercent(failure.low),
      high: ({ failure }) => formatPercent(failure.high),
    },
    source: inCsv(trainings, ({ model }) => ({ model })),
    axis: { title: "share of seeds", scale: "linear", domain: [0, 1] },
    value: ({ failure }) => failure.share,
    interval: ([{ failure }]) => failure,
    line: byModel(view),
  });
}

/** Final FID of every seed. */
function spreadChart(view: View): Chart | undefined {
  const title = metricTitle(view, RANKING);
  const several = modelTrainings(view).flatMap((one) =>
    one.spread && one.seeds.length > 1 ? [{ ...one, spread: one.spread }] : [],
  );
  const spreadOf = (model: string) => several.find((one) => one.model === model)?.spread;
  return dots({
    id: "spread",
    title: "Spread of seeds",
    description: `Final ${title} of each seed on fresh samples; the bar joins the lowest and the highest.`,
    rows: several.flatMap(({ seeds }) => seeds.filter(({ final }) => final !== undefined)),
    columns: shown(view, trainings, "model", "seed", "final_fid"),
    table: numbers(
      several,
      {
        model: ({ model }) => view.title(model),
        seeds: ({ spread, seeds }) => ofSeeds(spread.seeds, seeds),
        [`mean ${title}`]: ({ spread }) => spread.mean,
        lowest: ({ spread }) => spread.least,
        highest: ({ spread }) => spread.most,
        sd: ({ spread }) => spread.sd,
        "sd / mean": ({ spread }) => spread.relative,
      },
      inCsv(trainings, ({ model }) => ({ model })),
    ),
    axis: { title: `final ${title}`, scale: "log" },
    value: ({ final }) => final,
    interval([{ model }]) {
      const spread = spreadOf(model);
      return spread && { low: spread.least, high: spread.most };
    },
    line: byModel(view),
  });
}

/** FID after short trainings at multiples of the learning rate. */
function sensitivityChart(view: View): Chart | undefined {
  const title = metricTitle(view, RANKING);
  const rows = groupBy(view.records("sensitivity"), ({ model }) => model).flatMap((own) =>
    byKey(
      own,
      ({ factor }) => factor,
      ({ quality }) => metricValue(quality, RANKING),
    ).toSorted((a, b) => a.factor - b.factor),
  );
  const diverged = (row: (typeof rows)[number]) => row.rows.length - (row.reading?.bySeed.length ?? 0);
  return plot({
    id: "sensitivity",
    title: "Sensitivity to the learning rate",
    description: `${title} after a short training at multiples of the suite's learning rate. A flat curve forgives; a training that diverged has no point. Line: mean of the seeds; bar: their lowest and highest.`,
    notes: rows.flatMap((row) =>
      diverged(row) > 0
        ? [
            `${view.title(row.model)} diverged at ${row.factor} times its learning rate in ${diverged(row)} of ${row.rows.length} trainings.`,
          ]
        : [],
    ),
    height: 220,
    rows,
    columns: {
      model: ({ model }) => view.title(model),
      factor: ({ factor }) => factor,
      ...seedColumns<(typeof rows)[number]>(`mean ${title}`, ({ reading }) => reading),
      seeds: ({ reading, rows: all }) => ofSeeds(reading?.bySeed.length ?? 0, all),
      diverged,
    },
    source: inCsv(sensitivity, ({ model, factor }) => ({ model, factor })),
    x: { title: "learning rate × this", scale: "count", of: ({ factor }) => factor },
    y: { title, scale: "log", over: ({ reading }) => reading },
    line: byModel(view),
  });
}

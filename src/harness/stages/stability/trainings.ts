/** Each training and model of the stability stage as rows: how it went, where it ended, what became of it. */
import { formatCount, formatNumber, formatPercent, formatSeconds } from "../../../core/format.ts";
import type { CurveStatistics } from "../../record/index.ts";
import { inCsv, numbers, shown, type View } from "../../tables/index.ts";
import { quantityWords } from "../train/section.ts";
import { modelTrainings, seedTrainings, trainings } from "./tables.ts";

/** `3 of 4`: how many of a model's seeds a number is of. */
export const ofSeeds = (count: number, all: { readonly length: number }): string =>
  `${count} of ${all.length}`;

export const usabilities = (view: View) =>
  modelTrainings(view).flatMap(({ model, usability }) =>
    usability.defined ? [{ model, ...usability }] : [],
  );

export const seedTable = (view: View) =>
  numbers(
    seedTrainings(view),
    {
      ...shown(view, trainings, "model", "seed"),
      outcome: ({ outcome, record: { divergence } }) =>
        divergence ? `${outcome} at step ${divergence.step}` : outcome,
      ...shown(view, trainings, "best_fid", "final_fid", "final_over_best"),
      modes: ({ record: { collapse } }) => collapse && `${collapse.modes} of ${collapse.realModes}`,
      ...shown(view, trainings, "worst_usable_fid"),
      "failed by": ({ failedBy }) => failedBy && (failedBy.length > 0 ? failedBy.join(", ") : "nothing"),
      ...shown(view, trainings, "saturation_share"),
      oscillates: ({ record }) =>
        record.statistics
          .flatMap(({ quantity, oscillation }) =>
            oscillation?.significant
              ? [`${quantityWords(quantity)}, ${formatNumber(oscillation.period)} steps`]
              : [],
          )
          .join("; "),
      "spikes, by curve": ({ record }) => spikesByCurve(record.statistics),
    },
    inCsv(trainings, ({ model, seed }) => ({ model, seed })),
  );

/** Curves differ in number and length between models, so their spikes are not added up. */
export const spikesByCurve = (curves: readonly CurveStatistics[]): string =>
  curves
    .map(
      ({ quantity, spikes, count }) => `${quantityWords(quantity)} ${spikes.length} of ${formatCount(count)}`,
    )
    .join("; ");

/** Each divergence with the share of the state that was not finite, at once and after each further step. */
export const divergenceTable = (view: View) =>
  numbers(
    view
      .records("stability")
      .flatMap(({ model, seed, divergence }) => (divergence ? [{ model, seed, ...divergence }] : [])),
    {
      model: ({ model }) => view.title(model),
      seed: ({ seed }) => seed,
      step: ({ step }) => step,
      "first value that was no number": ({ quantity }) => quantity?.replaceAll("_", " ") ?? "none",
      "first tensor": ({ tensor }) => tensor ?? "none",
      "state not finite": ({ share }) => share && formatPercent(share),
      "after further steps": ({ next = [] }) =>
        next.map((one) => `step ${one.step}: ${formatPercent(one.share)}`).join(", "),
      "so it": ({ share, next = [] }) => courseOf(share, next.at(-1)?.share),
    },
    inCsv(trainings, ({ model, seed }) => ({ model, seed })),
  );

/** What became of the share of the state that was not finite. */
function courseOf(first: number | undefined, last: number | undefined): string {
  if (first === undefined || last === undefined) return "";
  if (last === 0) return first === 0 ? "never reached the state" : "healed";
  return last > first ? "spread" : last < first ? "receded" : "stayed";
}

export const usableTable = (view: View) =>
  numbers(usabilities(view), {
    model: ({ model }) => view.title(model),
    seeds: ({ seeds }) => seeds,
    failed: ({ failure }) => ofSeeds(failure.count, { length: failure.seeds }),
    "training for a usable model": ({ cost }) => (cost.defined ? formatSeconds(cost.expected) : cost.why),
    "at least": ({ cost }) => (cost.defined ? formatSeconds(cost.low) : ""),
    "at most": ({ cost }) =>
      cost.defined ? (cost.high === undefined ? "unbounded" : formatSeconds(cost.high)) : "",
  });

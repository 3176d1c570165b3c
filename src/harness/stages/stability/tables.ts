/** How trainings went: each as a whole, its curves' statistics, and quality on the way. */
import {
  type Outcome,
  type SeedSpread,
  seedSpread,
  type Usability,
  usability,
} from "../../../core/statistics/index.ts";
import type { StabilityRecord } from "../../record/index.ts";
import { derived, event, metricValue, RANKING, table, type View } from "../../tables/index.ts";
import * as c from "../readout/columns.ts";

export interface SeedTraining extends Pick<StabilityRecord, "model" | "seed" | "outcome"> {
  readonly cell: string;
  readonly place: readonly string[];
  readonly record: StabilityRecord;
  /** FID of the final weights and of the best snapshot, on fresh samples; undefined without snapshots. */
  readonly final?: number;
  readonly best?: number;
  readonly finalOverBest?: number;
  /** What it failed by, none where it is usable; undefined where that was not judged. */
  readonly failedBy?: readonly Failure[];
}

export type Failure = "diverged" | "bad images" | "lost modes";

/** One definition of failure for the claim, the cost of a usable model and every table. */
function failuresOf({ outcome, bound, collapse }: StabilityRecord): readonly Failure[] | undefined {
  if (outcome === "diverged") return ["diverged"];
  if (!bound || !collapse) return undefined;
  return [
    ...(bound.exceeded ? (["bad images"] as const) : []),
    ...(collapse.collapsed ? (["lost modes"] as const) : []),
  ];
}

/** One row a stability cell. */
export const seedTrainings = derived((view: View): SeedTraining[] =>
  view.done("stability").map(({ id, record }) => {
    const { model, seed, outcome, quality } = record;
    return {
      cell: id,
      place: ["stability", model],
      model,
      seed,
      outcome,
      record,
      final: metricValue(quality?.final.quality, RANKING),
      best: metricValue(quality?.best.quality, RANKING),
      finalOverBest: quality?.finalOverBest,
      failedBy: failuresOf(record),
    };
  }),
);

export interface ModelTraining {
  readonly model: string;
  readonly seeds: readonly SeedTraining[];
  /** Failures, and seconds of training for a usable model. */
  readonly usability: Outcome<Usability>;
  /** Of the final FID. */
  readonly spread?: SeedSpread;
}

/** One entry a model that was trained, in the run's order. */
export const modelTrainings = derived((view: View): ModelTraining[] =>
  view.run.models.flatMap(({ id: model }) => {
    const seeds = seedTrainings(view).filter((one) => one.model === model);
    if (seeds.length === 0) return [];
    const finals = seeds.flatMap(({ final }) => final ?? []);
    const outcomes = seeds.flatMap(({ seed, record }) => {
      const training = view.records("train").find((one) => one.model === model && one.seed === seed);
      const { outcome, collapse, bound } = record;
      const fate = { diverged: outcome === "diverged", collapsed: collapse?.collapsed, bad: bound?.exceeded };
      return training ? [{ ...fate, cost: training.seconds }] : [];
    });
    return [
      {
        model,
        seeds,
        usability: usability(outcomes),
        spread: finals.length > 0 ? seedSpread(finals) : undefined,
      },
    ];
  }),
);

export const trainings = table({
  name: "trainings",
  describe: "How each training ended; one row a model and seed.",
  rows: seedTrainings,
  columns: (column) => ({
    model: c.model,
    seed: c.seed,
    outcome: c.outcome,
    diverged_step: column(
      "training step at which it left the finite numbers",
      ({ record }) => record.divergence?.step,
    ),
    diverged_quantity: column(
      "recorded quantity that was no number first",
      ({ record }) => record.divergence?.quantity,
    ),
    sampler: column(c.sampler.meaning, ({ record }) => record.quality?.sampler),
    steps: column("sampling steps of the snapshots' samples", ({ record }) => record.quality?.steps),
    n: column(c.n.meaning, ({ record }) => record.quality?.final.quality.n, { unit: "images" }),
    best_step: column(
      "training step of the best snapshot, chosen on other samples",
      ({ record }) => record.quality?.best.step,
    ),
    best_fid: column("its FID on fresh samples", ({ best }) => best, { title: "best FID" }),
    final_step: column("training step of the final weights", ({ record }) => record.quality?.final.step),
    final_fid: column("their FID on fresh samples", ({ final }) => final, { title: "final FID" }),
    final_over_best: column("final_fid / best_fid", ({ finalOverBest }) => finalOverBest, {
      title: "final / best",
      reads: { as: "fid_final_over_best" },
    }),
    failed: column(
      "1 where it diverged, its images are too bad or it lost modes, else 0; empty where that was not judged",
      ({ failedBy }) => failedBy && Number(failedBy.length > 0),
      { reads: { change: event } },
    ),
    failed_by: column("what it failed by", ({ failedBy }) => failedBy?.join(", ")),
    fid_of_real: column(
      "FID of as many other real images against the same reference",
      ({ record }) => record.bound?.floor,
    ),
    fid_of_noise: column("FID of as much noise", ({ record }) => record.bound?.noise),
    worst_usable_fid: column(
      "final_fid from which a training has failed: a share of the way from fid_of_real to fid_of_noise, on square roots",
      ({ record }) => record.bound?.worst,
      { title: "worst usable FID" },
    ),
    modes: column("modes that final samples reach", ({ record }) => record.collapse?.modes),
    real_modes: column("modes that as many real images reach", ({ record }) => record.collapse?.realModes),
    mode_share: column(
      "a mode is reached with at least this share of its expected images; empty where one image was enough",
      ({ record }) => record.collapse?.modeShare,
    ),
    collapse_threshold: column(
      "collapsed below this share of real_modes",
      ({ record }) => record.collapse?.threshold,
    ),
    collapsed: column(
      "1 or 0; empty where modes were not counted",
      ({ record: { collapse } }) => collapse && Number(collapse.collapsed),
      { reads: { change: event } },
    ),
    saturation_threshold: column(
      "discriminator accuracy from which a step counts as saturated",
      ({ record }) => record.saturation?.threshold,
    ),
    saturation_share: column(
      "share of such steps in the second half of training; a GAN's alone",
      ({ record }) => record.saturation?.share,
      { unit: "share", title: "saturated" },
    ),
  }),
});

export const stability = table({
  name: "stability",
  describe: "Statistics of each training curve; one row a model, seed and quantity.",
  rows: (view: View) =>
    view
      .records("stability")
      .flatMap(({ model, seed, outcome, statistics }) =>
        statistics.map((one) => ({ model, seed, outcome, ...one })),
      ),
  columns: (column) => ({
    model: c.model,
    seed: c.seed,
    outcome: c.outcome,
    quantity: c.quantity,
    count: column("values of the curve", (row) => row.count, { unit: "values", title: "values" }),
    mean: column("mean of the values", (row) => row.mean),
    sd: column("standard deviation of the values", (row) => row.sd),
    coefficient_of_variation: column(
      "sd / |mean| over the second half of training; empty where the mean is 0",
      (row) => row.coefficientOfVariation,
      { title: "late sd / mean" },
    ),
    spike_score: {
      unit: "share",
      title: "spikes",
      meaning:
        "share of values at least 7 sd from the rolling mean of up to 1,000 before them; empty below 128 values",
      of: (row) => row.spikeScore,
    },
    spikes: column("values that the spike score counts", (row) => row.spikes.length),
    oscillation_period: column(
      "period of the strongest periodic part; empty where the curve is too short or constant",
      (row) => row.oscillation?.period,
      { unit: "values" },
    ),
    oscillation_share: column("share of the curve's variance in it", (row) => row.oscillation?.share, {
      unit: "share",
    }),
    oscillation_p: column(
      "chance of as strong a part in a curve without one, Fisher's test",
      (row) => row.oscillation?.p,
    ),
    first: column("first value", (row) => row.first),
    last: column("last value", (row) => row.last),
  }),
});

/** The final weights' quality is compared; what only chooses is not. */
export const overTraining = table({
  name: "over_training",
  describe:
    "Quality over training; one row a model, seed, snapshot and metric. Snapshots are scored against images that only choose; the best and the final one follow, on fresh samples.",
  rows: (view: View) =>
    view.done("stability").flatMap(({ id: cell, record: { model, seed, quality } }) => {
      if (!quality) return [];
      const { sampler, steps, snapshots, best, final } = quality;
      const points = [
        ...snapshots.map((one) => ({ ...one, snapshot: "chosen_on", place: undefined })),
        { ...best, snapshot: "best", imagesSeen: undefined, place: undefined },
        { ...final, snapshot: "final", imagesSeen: undefined, place: ["stability", model, "final"] },
      ];
      return points.flatMap(({ quality: scored, ...point }) =>
        c.metricRows(scored).map((row) => {
          return { cell, model, seed, sampler, steps, ...point, n: scored.n, ...row };
        }),
      );
    }),
  columns: (column) => ({
    model: c.model,
    seed: c.seed,
    sampler: c.sampler,
    steps: c.steps,
    snapshot: column(
      "chosen_on, or best or final: fresh samples against the reference",
      (row) => row.snapshot,
    ),
    step: column("training step", (row) => row.step),
    images_seen: { ...c.imagesSeen, meaning: "training images seen; empty for best and final" },
    n: c.n,
    ...c.metricColumns,
  }),
});

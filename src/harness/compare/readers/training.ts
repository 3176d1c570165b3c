/** Readings of cells that train: how training went, and what came of it. */
import {
  measured,
  nothing,
  only,
  qualityReadings,
  type Reader,
  runUnit,
  seedUnit,
  timing,
  together,
} from "./make.ts";

export const readTrain: Reader<"train"> = ({ model, seed, outcome, imagesPerSecond, peakRssMiB }) => {
  const [place, unit] = [["train", model], seedUnit(seed)];
  return only([
    measured(place, "diverged", outcome === "diverged" ? 1 : 0, unit, "lower"),
    timing(place, "images_per_second", imagesPerSecond, unit, "higher"),
    timing(place, "peak_rss_mib", peakRssMiB, unit),
  ]);
};

export const readStability: Reader<"stability"> = ({ model, seed, quality, collapse }, context) => {
  const [place, unit] = [["stability", model], seedUnit(seed)];
  const collapsed = collapse ? [measured(place, "collapsed", collapse.collapsed ? 1 : 0, unit, "lower")] : [];
  if (!quality) return only(collapsed);
  return together([
    qualityReadings([...place, "final"], quality.final.quality, unit, context),
    only([...collapsed, measured(place, "fid_final_over_best", quality.finalOverBest, unit, "lower")]),
  ]);
};

export const readSensitivity: Reader<"sensitivity"> = (
  { model, seed, factor, outcome, quality },
  context,
) => {
  const [place, unit] = [["sensitivity", model, `rate-x${factor}`], seedUnit(seed)];
  return together([
    only([measured(place, "diverged", outcome === "diverged" ? 1 : 0, unit, "lower")]),
    quality ? qualityReadings(place, quality, unit, context) : nothing,
  ]);
};

export const readData: Reader<"data"> = (
  { model, seed, trainImages, outcome, snapshots, copying },
  context,
) => {
  const [place, unit] = [["data", model, `images-${trainImages}`], seedUnit(seed)];
  const final = snapshots.at(-1);
  return together([
    only([measured(place, "diverged", outcome === "diverged" ? 1 : 0, unit, "lower")]),
    final ? qualityReadings(place, final.quality, unit, context) : nothing,
    copying ? qualityReadings([...place, "copying"], copying, unit, context) : nothing,
  ]);
};

export const readClassifier: Reader<"classifier"> = ({ target, architecture, accuracy }) =>
  only([
    measured(["classifier", architecture], "accuracy", accuracy, runUnit, "higher", {
      protocol: `held-out test images, by ${target}`,
    }),
  ]);

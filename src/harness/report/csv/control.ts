import { records } from "../analysis/index.ts";
import * as c from "./columns.ts";
import { metricColumns, metricRows } from "./metrics.ts";
import { table } from "./table.ts";

const guidance = { meaning: "w of classifier-free guidance; empty for a model that has none" };
const share = (side: string) => ({ meaning: `${side} end of its Wilson interval` });

export const control = table({
  describe: "Samples asked for by label; one row a model, seed and guidance weight.",
  columns: {
    model: c.model,
    seed: c.seed,
    guidance,
    sampler: c.sampler,
    steps: c.steps,
    network_evaluations: c.networkEvaluations,
    n: c.n,
    accuracy: { meaning: "share of samples that the classifier gives the label asked for" },
    accuracy_low: share("lower"),
    accuracy_high: share("upper"),
    second_accuracy: { meaning: "the same by the second classifier, whose architecture is another" },
    second_accuracy_low: share("lower"),
    second_accuracy_high: share("upper"),
    confidence: c.confidence,
  },
  rows(_run, cells) {
    return records(cells, "control").flatMap(({ model, seed, points }) =>
      points.map(({ guidance, accuracy, secondAccuracy, networkEvaluations, quality }) => ({
        model,
        seed,
        guidance,
        sampler: quality.sampler,
        steps: quality.steps,
        network_evaluations: networkEvaluations,
        n: quality.n,
        accuracy: accuracy.value,
        accuracy_low: accuracy.low,
        accuracy_high: accuracy.high,
        second_accuracy: secondAccuracy.value,
        second_accuracy_low: secondAccuracy.low,
        second_accuracy_high: secondAccuracy.high,
        confidence: accuracy.confidence,
      })),
    );
  },
});

export const controlQuality = table({
  describe: "Quality of the samples asked for by label; one row a model, seed, guidance weight and metric.",
  columns: { model: c.model, seed: c.seed, guidance, n: c.n, ...metricColumns },
  rows(_run, cells) {
    return records(cells, "control").flatMap(({ model, seed, points }) =>
      points.flatMap(({ guidance, quality }) =>
        metricRows(quality).map((row) => ({ model, seed, guidance, n: quality.n, ...row })),
      ),
    );
  },
});

export const controlLabels = table({
  describe: "Labels asked for and met; one row a model, seed, guidance weight and label.",
  columns: {
    model: c.model,
    seed: c.seed,
    guidance,
    label: { meaning: "name of the class in the dataset" },
    asked: { unit: "images", meaning: "samples asked for with it" },
    right: { unit: "images", meaning: "of them, those that the classifier gives it" },
  },
  rows(run, cells) {
    return records(cells, "control").flatMap(({ model, seed, points }) =>
      points.flatMap(({ guidance, perLabel }) =>
        perLabel.map(({ asked, right }, i) => ({
          model,
          seed,
          guidance,
          label: run.dataset.classes[i] ?? String(i),
          asked,
          right,
        })),
      ),
    );
  },
});

export const inpainting = table({
  describe: "Holes in test images, filled; one row a model, seed and mask. Times stand in stage_time.csv.",
  columns: {
    model: c.model,
    seed: c.seed,
    mask: { meaning: "kind of hole" },
    missing: { meaning: "share of pixels that are missing" },
    images: { unit: "images", meaning: "test images filled" },
    network_evaluations: c.networkEvaluations,
    rmse: { meaning: "root mean squared error of the missing pixels, pixel range -1 to 1" },
    rmse_low: { meaning: "lower end of its bootstrap interval over images" },
    rmse_high: { meaning: "upper end of its bootstrap interval over images" },
    confidence: c.confidence,
    mean_fill_rmse: { meaning: "the same with the hole filled by the training images' mean" },
    accuracy: { meaning: "share of filled images that the classifier gives the true label" },
  },
  rows(_run, cells) {
    return records(cells, "control").flatMap(({ model, seed, inpainting }) =>
      inpainting.map((one) => ({
        model,
        seed,
        mask: one.mask,
        missing: one.missing,
        images: one.images,
        network_evaluations: one.networkEvaluations,
        rmse: one.error.value,
        rmse_low: one.error.low,
        rmse_high: one.error.high,
        confidence: one.error.confidence,
        mean_fill_rmse: one.meanFillError,
        accuracy: one.accuracy,
      })),
    );
  },
});

/** Readings of cells that sample: quality at every setting, control, few steps, likelihood. */
import {
  measured,
  only,
  qualityReadings,
  type Reader,
  seedUnit,
  settingOf,
  timing,
  together,
} from "./make.ts";

export const readDiversity: Reader<"diversity"> = ({ model, seed, settings }, context) =>
  together(
    settings.map((quality) =>
      qualityReadings(["diversity", model, settingOf(quality)], quality, seedUnit(seed), context),
    ),
  );

export const readControl: Reader<"control"> = (record, context) => {
  const { model, seed, points, inpainting } = record;
  const [place, unit] = [["control", model, settingOf(record)], seedUnit(seed)];
  const judged = (classifier: string | undefined) => ({
    protocol: "share classified as asked",
    classifier,
  });
  return together([
    ...points.map(({ guidance, accuracy, secondAccuracy, millisecondsPerImage, quality }) => {
      const at = [...place, guidance === undefined ? "by-label" : `guidance-${guidance}`];
      return together([
        only([
          measured(at, "accuracy", accuracy.value, unit, "higher", judged(context.classifier)),
          measured(
            at,
            "second_accuracy",
            secondAccuracy.value,
            unit,
            "higher",
            judged(context.secondClassifier),
          ),
          timing(at, "ms_per_image", millisecondsPerImage, unit),
        ]),
        qualityReadings(at, quality, unit, context),
      ]);
    }),
    ...inpainting.map(({ mask, images, error, accuracy, millisecondsPerImage }) => {
      const at = [...place, `fill-${mask}`];
      return only([
        measured(at, "rmse", error.value, unit, "lower", { protocol: `n ${images}, missing pixels` }),
        measured(at, "accuracy", accuracy, unit, "higher", judged(context.classifier)),
        timing(at, "ms_per_image", millisecondsPerImage, unit),
      ]);
    }),
  ]);
};

export const readDistill: Reader<"distill"> = ({ seed, floor, arms }, { classifier }) =>
  only(
    arms.map((arm) =>
      measured(
        ["distill", arm.model, settingOf(arm)],
        floor.metric,
        arm.value,
        seedUnit(seed),
        floor.direction,
        {
          protocol: "of the samples that diversity scored",
          classifier,
        },
      ),
    ),
  );

export const readLikelihood: Reader<"likelihood"> = ({ model, seed, images, bitsPerDimension }) =>
  only([
    measured(["likelihood", model], "bits_per_dimension", bitsPerDimension.value, seedUnit(seed), "lower", {
      protocol: `n ${images}, whole bound`,
    }),
  ]);

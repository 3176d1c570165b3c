/** Claim 5: what fewer training images cost each model. */
import { formatCount, formatPercent, formatSeconds } from "../../../core/format.ts";
import { byModel, type Chart, colors, imagesSeenAxis, lookOf, plot } from "../../report/charts/index.ts";
import { charts, pictures, type Section } from "../../report/section.ts";
import { groupBy, inCsv, metricTitle, orderOf, RANKING, seedColumns, type View } from "../../tables/index.ts";
import { judged } from "../readout/claim.ts";
import { picture } from "../readout/pictures.ts";
import { stageTime } from "../readout/stage-time.ts";
import { dataClaim } from "./claim.ts";
import { data, type TrainingSet, trainingSets } from "./tables.ts";

export function dataSection(view: View): Section {
  const neighbours = groupBy(
    view.records("data").filter(({ neighbours }) => neighbours),
    ({ model, trainImages }) => `${model} ${trainImages}`,
  ).map(([{ model, trainImages, neighbours }]) => {
    const label = `${view.title(model)}, ${formatCount(trainImages)} training images`;
    return picture(label, neighbours!, label);
  });
  const byModels = groupBy(trainingSets(view), ({ model }) => model);
  return {
    id: "data",
    title: "Data requirement",
    claim: dataClaim.text,
    verdict: judged(view, dataClaim),
    parts: [
      ...charts(
        sizeChart(view),
        memorisedChart(view),
        ...byModels.map((sets) => progressChart(view, sets, "images")),
        ...byModels.map((sets) => progressChart(view, sets, "seconds")),
      ),
      ...pictures("Samples above their nearest training images", neighbours, "wide"),
    ],
    protocol: [
      "Every size is trained for the same number of images seen, repeats counted; the smaller sets lie within the larger, and each seed draws its own. All are scored against the same test images at the same n. A small set is learned by heart: quality is best before the end. So each size stands at the snapshot that validation images call best, sampled afresh, and its final quality beside it.",
      "Quality rises with copying too, so the share of near-duplicates of training images stands beside it, and that of fresh real images, which copy nothing.",
    ],
  };
}

const modelAndSize = (view: View) => ({
  model: ({ model }: TrainingSet) => view.title(model),
  "training images": ({ trainImages }: TrainingSet) => formatCount(trainImages),
});

const size = {
  title: "training images",
  scale: "count" as const,
  of: ({ trainImages }: TrainingSet) => trainImages,
};

const shownQuality = ({ best, final }: TrainingSet) => best ?? final;

function sizeChart(view: View): Chart | undefined {
  const title = metricTitle(view, RANKING);
  const sets = trainingSets(view);
  return plot({
    id: "training-set-size",
    title: "Quality against training-set size",
    description: `${title} of the best snapshot, chosen on validation images, against the number of different training images; every size trained for the same number of images seen and scored against the same test images. Line: mean of the seeds; bar: their lowest and highest. Below: the final snapshot too, which is worse where a set was learned by heart. Runs recorded before the best was show the final one.`,
    notes: sets.flatMap(({ model, trainImages, diverged, seeds }) =>
      diverged > 0
        ? [
            `${view.title(model)} on ${formatCount(trainImages)} images diverged in ${diverged} of ${seeds} trainings.`,
          ]
        : [],
    ),
    rows: sets,
    columns: {
      ...modelAndSize(view),
      ...seedColumns<TrainingSet>(`best ${title}`, shownQuality),
      seeds: (set) => `${shownQuality(set)?.bySeed.length ?? 0} of ${set.seeds}`,
      [`final ${title}`]: ({ final }) => final?.value,
      "gain of the last third": ({ lastGain }) => lastGain && formatPercent(lastGain),
      diverged: ({ diverged }) => diverged,
    },
    source: inCsv(data, ({ model, trainImages, best }) => ({
      model,
      train_images: trainImages,
      ...(best && { set: "best" }),
    })),
    x: size,
    y: { title, scale: "log", over: shownQuality },
    line: byModel(view),
  });
}

function memorisedChart(view: View): Chart | undefined {
  const sets = trainingSets(view);
  const fresh = groupBy(
    sets.filter(({ freshMemorised }) => freshMemorised),
    ({ trainImages }) => trainImages,
  )
    .map(([{ trainImages, freshMemorised }]) => ({ x: trainImages, y: freshMemorised!.value }))
    .toSorted((a, b) => a.x - b.x);
  return plot({
    id: "memorised",
    title: "Copies of training images",
    description:
      "Share of final samples that are nearer to a training image than nearly all training images are to each other. Dashed: as many real images that were not trained on, which copy nothing.",
    rows: sets,
    columns: {
      ...modelAndSize(view),
      "near-duplicates": ({ memorised }) => memorised && formatPercent(memorised.value),
      "of fresh real images": ({ freshMemorised }) => freshMemorised && formatPercent(freshMemorised.value),
    },
    source: inCsv(data, ({ model, trainImages }) => ({
      model,
      train_images: trainImages,
      set: "copying",
      metric: "memorisation",
    })),
    x: size,
    y: { title: "near-duplicates, share", scale: "linear", include: [0], over: ({ memorised }) => memorised },
    line: byModel(view),
    extra: [
      {
        label: "fresh real images",
        color: colors.floor,
        symbol: "dashed",
        points: fresh.map((point) => ({
          ...point,
          tip: `fresh real images against ${formatCount(point.x)} training images\n${formatPercent(point.y)} near-duplicates`,
        })),
      },
    ],
  });
}

/** Patterns of lines by their place among the sizes: the largest set is unbroken. */
const PATTERNS = [undefined, [7, 3], [4, 3], [2, 3]] as const;

function progressChart(
  view: View,
  sets: readonly [TrainingSet, ...TrainingSet[]],
  along: "images" | "seconds",
): Chart | undefined {
  const [{ model }] = sets;
  const [title, name] = [metricTitle(view, RANKING), view.title(model)];
  const images = along === "images";
  const sizes = sets.map(({ trainImages }) => trainImages).toReversed();
  return plot({
    id: `training-set-${along}-${orderOf(view, model)}`,
    title: `${name}: quality against ${images ? "images seen" : "seconds of training"}`,
    description: `${title} of snapshots, a line a training-set size, the mean of the seeds.`,
    height: 200,
    rows: sets
      .toReversed()
      .flatMap(({ trainImages, progress }) => progress.map((point) => ({ trainImages, ...point }))),
    columns: {
      "training images": ({ trainImages }) => formatCount(trainImages),
      step: ({ step }) => step,
      [images ? "images seen" : "seconds"]: ({ imagesSeen, seconds }) =>
        images ? formatCount(imagesSeen) : formatSeconds(seconds),
      [title]: ({ reading }) => reading.value,
      seeds: ({ reading }) => reading.bySeed.length,
    },
    source: images
      ? inCsv(data, ({ trainImages, step }) => ({ model, train_images: trainImages, step }))
      : inCsv(stageTime, ({ trainImages, step }) => ({
          model,
          setting: `train_images=${trainImages}`,
          step,
        })),
    x: images
      ? { ...imagesSeenAxis, title: "training images seen, repeats counted" }
      : { ...imagesSeenAxis, title: "seconds of training", of: ({ seconds }) => seconds },
    y: { title, scale: "log", of: ({ reading }) => reading.value },
    line: ({ trainImages }) => ({
      ...lookOf(view, model),
      label: `${formatCount(trainImages)} images`,
      dash: PATTERNS[Math.min(sizes.indexOf(trainImages), PATTERNS.length - 1)],
    }),
  });
}

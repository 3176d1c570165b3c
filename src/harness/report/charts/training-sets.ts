/** Quality and copying against training-set size, and quality on the way by images and by seconds. */
import type { Cell, Run } from "../../record/index.ts";
import {
  formatCount,
  formatNumber,
  formatPercent,
  formatSeconds,
  groupBy,
  metricText,
  RANKING,
  type TrainingSet,
  titleOf,
  trainingSets,
} from "../analysis/index.ts";
import { countAxis, linearDomain, logAxis } from "./axis.ts";
import { type Chart, inCsv } from "./chart.ts";
import { plot } from "./plot.ts";
import { colors, lookOf } from "./theme.ts";

const TITLE = metricText(RANKING).title;

export function trainingSetCharts(run: Run, cells: readonly Cell[]): Chart[] {
  const sets = trainingSets(run, cells);
  return [
    sizeChart(run, sets),
    memorisedChart(run, sets),
    ...groupBy(sets, ({ model }) => model).flatMap((own) => [progressChart(run, own, "images")]),
    ...groupBy(sets, ({ model }) => model).flatMap((own) => [progressChart(run, own, "seconds")]),
  ].flatMap((chart) => chart ?? []);
}

const sizes = (sets: readonly TrainingSet[]) =>
  countAxis(
    "training images, log scale",
    sets.map(({ trainImages }) => trainImages),
  );

function sizeChart(run: Run, sets: readonly TrainingSet[]): Chart | undefined {
  const diverged = sets.filter(({ diverged }) => diverged > 0);
  return plot({
    id: "training-set-size",
    title: "Quality against training-set size",
    description: `Final ${TITLE} against the number of different training images, every size trained for the same number of images seen and scored against the same test images. Line: mean of the seeds; bar: their lowest and highest.`,
    notes: diverged.map(
      (one) =>
        `${titleOf(run, one.model)} on ${formatCount(one.trainImages)} images diverged in ${one.diverged} of ${one.seeds} trainings.`,
    ),
    size: "half",
    height: 260,
    x: sizes(sets),
    y: logAxis(
      `${TITLE}, log scale`,
      sets.flatMap(({ final }) => (final ? [final.low, final.high] : [])),
    ),
    series: groupBy(sets, ({ model }) => model).map((own) => ({
      label: titleOf(run, own[0]!.model),
      ...lookOf(run, own[0]!.model),
      points: own.flatMap(({ model, trainImages, final }) =>
        final
          ? [
              {
                x: trainImages,
                y: final.value,
                ...(final.n > 1 && { low: final.low, high: final.high }),
                tip: `${titleOf(run, model)}, ${formatCount(trainImages)} training images\n${TITLE} ${formatNumber(final.value)}`,
              },
            ]
          : [],
      ),
    })),
    table: {
      sources: inCsv("data", sets, ({ model, trainImages }) => ({ model, train_images: trainImages })),
      columns: ["model", "training images", TITLE, "lowest", "highest", "seeds", "diverged"],
      rows: sets.map(({ model, trainImages, final, seeds, diverged }) => [
        titleOf(run, model),
        formatCount(trainImages),
        ...(final
          ? [final.value, final.low, final.high].map((value) => formatNumber(value, 4))
          : ["", "", ""]),
        String(seeds),
        String(diverged),
      ]),
    },
  });
}

function memorisedChart(run: Run, sets: readonly TrainingSet[]): Chart | undefined {
  const fresh = sets.flatMap(({ trainImages, freshMemorised }) =>
    freshMemorised ? [{ trainImages, value: freshMemorised.value }] : [],
  );
  const level = groupBy(fresh, ({ trainImages }) => String(trainImages))
    .map((group) => group[0]!)
    .toSorted((a, b) => a.trainImages - b.trainImages);
  const values = [
    ...sets.flatMap(({ memorised }) => memorised?.high ?? []),
    ...level.map(({ value }) => value),
  ];
  return plot({
    id: "memorised",
    title: "Copies of training images",
    description:
      "Share of final samples that are nearer to a training image than nearly all training images are to each other. Dashed: as many real images that were not trained on, which copy nothing.",
    size: "half",
    height: 260,
    x: sizes(sets),
    y: { title: "near-duplicates, share", scale: "linear", domain: linearDomain([0, ...values]) },
    series: [
      ...groupBy(sets, ({ model }) => model).map((own) => ({
        label: titleOf(run, own[0]!.model),
        ...lookOf(run, own[0]!.model),
        points: own.flatMap(({ model, trainImages, memorised }) =>
          memorised
            ? [
                {
                  x: trainImages,
                  y: memorised.value,
                  ...(memorised.n > 1 && { low: memorised.low, high: memorised.high }),
                  tip: `${titleOf(run, model)}, ${formatCount(trainImages)} training images\n${formatPercent(memorised.value)} near-duplicates`,
                },
              ]
            : [],
        ),
      })),
      {
        label: "fresh real images",
        color: colors.floor,
        symbol: "dashed" as const,
        points: level.map(({ trainImages, value }) => ({
          x: trainImages,
          y: value,
          tip: `fresh real images against ${formatCount(trainImages)} training images\n${formatPercent(value)} near-duplicates`,
        })),
      },
    ],
    table: {
      sources: inCsv("data", sets, ({ model, trainImages }) => ({
        model,
        train_images: trainImages,
        set: "copying",
        metric: "memorisation",
      })),
      columns: ["model", "training images", "near-duplicates", "of fresh real images"],
      rows: sets.map(({ model, trainImages, memorised, freshMemorised }) => [
        titleOf(run, model),
        formatCount(trainImages),
        memorised ? formatPercent(memorised.value) : "",
        freshMemorised ? formatPercent(freshMemorised.value) : "",
      ]),
    },
  });
}

/** Strength of a line by its place among the sizes: the largest set in full. */
const PATTERNS = [undefined, [7, 3], [4, 3], [2, 3]] as const;

function progressChart(
  run: Run,
  own: readonly TrainingSet[],
  along: "images" | "seconds",
): Chart | undefined {
  const { model } = own[0]!;
  const title = titleOf(run, model);
  const place = ({ imagesSeen, seconds }: TrainingSet["progress"][number]) =>
    along === "images" ? imagesSeen : seconds;
  const points = own.flatMap(({ progress }) => progress);
  const last = Math.max(0, ...points.map(place));
  return plot({
    id: `training-set-${along}-${run.models.findIndex(({ id }) => id === model)}`,
    title: `${title}: quality against ${along === "images" ? "images seen" : "seconds of training"}`,
    description: `${TITLE} of snapshots, a line a training-set size, the mean of the seeds.`,
    size: "half",
    height: 200,
    x: {
      title: along === "images" ? "training images seen, repeats counted" : "seconds of training",
      scale: "linear",
      domain: [0, last * 1.1],
      labels: "si",
    },
    y: logAxis(
      `${TITLE}, log scale`,
      points.map(({ value }) => value),
    ),
    series: own.toReversed().map(({ trainImages, progress }, i) => {
      const dash = PATTERNS[Math.min(i, PATTERNS.length - 1)];
      return {
        label: `${formatCount(trainImages)} images`,
        color: lookOf(run, model).color,
        symbol: lookOf(run, model).symbol,
        dash,
        points: progress.map((point) => ({
          x: place(point),
          y: point.value,
          tip: `${title}, ${formatCount(trainImages)} training images\nstep ${point.step}, ${formatSeconds(point.seconds)}: ${TITLE} ${formatNumber(point.value)}`,
        })),
      };
    }),
    table: {
      sources: own.flatMap(({ trainImages, progress }) =>
        along === "images"
          ? inCsv("data", progress, ({ step }) => ({ model, train_images: trainImages, step }))
          : inCsv("stage_time", progress, ({ step }) => ({
              model,
              setting: `train_images=${trainImages}`,
              step,
            })),
      ),
      columns: ["training images", "step", along === "images" ? "images seen" : "seconds", TITLE, "seeds"],
      rows: own.flatMap(({ trainImages, progress }) =>
        progress.map((point) => [
          formatCount(trainImages),
          String(point.step),
          along === "images" ? formatCount(point.imagesSeen) : formatSeconds(point.seconds),
          formatNumber(point.value, 4),
          String(point.seeds),
        ]),
      ),
    },
  });
}

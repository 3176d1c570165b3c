/** The forward process of each diffusion model, and its bound on the likelihood. */
import type { Cell, Run } from "../../record/index.ts";
import { formatNumber, formatPercent, groupBy, records, spanOf, titleOf } from "../analysis/index.ts";
import { linearDomain, logAxis } from "./axis.ts";
import { type Chart, type DataTable, inCsv } from "./chart.ts";
import { dotPlot } from "./dots.ts";
import { plot } from "./plot.ts";
import { lookOf } from "./theme.ts";

/** log SNR over the process, and the signal's share of the variance. */
export function forwardCharts(run: Run, cells: readonly Cell[]): Chart[] {
  const all = records(cells, "forward");
  const name = (model: string, schedule: string) => `${titleOf(run, model)}, ${schedule}`;
  const curve = (
    id: string,
    {
      title,
      description,
      unit,
      of,
    }: { title: string; description: string; unit: string; of: "logSnr" | "alphaBar" },
  ) =>
    plot({
      id,
      title,
      description,
      size: "half",
      height: 240,
      x: { title: "share of the process, t / T", scale: "linear", domain: [0, 1] },
      y: { title: unit, scale: "linear", domain: linearDomain(all.flatMap((record) => record[of])) },
      pointSize: 0,
      series: all.map((record) => {
        const { dash, ...look } = lookOf(run, record.model);
        return {
          label: name(record.model, record.schedule),
          ...look,
          dash,
          symbol: "line" as const,
          points: record.steps.map((step, i) => ({
            x: step / record.timesteps,
            y: record[of][i]!,
            tip: `${name(record.model, record.schedule)}\nstep ${step} of ${record.timesteps}: ${formatNumber(record[of][i]!)}`,
          })),
        };
      }),
      table: {
        sources: all.flatMap(({ model, steps }) =>
          inCsv(
            "forward",
            steps.filter((_, i) => i % 10 === 0 || i === steps.length - 1),
            (step) => ({ model, step }),
          ),
        ),
        columns: ["model", "schedule", "step", unit],
        rows: all.flatMap((record) =>
          record.steps.flatMap((step, i) =>
            i % 10 === 0 || i === record.steps.length - 1
              ? [[titleOf(run, record.model), record.schedule, String(step), formatNumber(record[of][i]!)]]
              : [],
          ),
        ),
      },
    });
  return [
    curve("log-snr", {
      title: "Signal-to-noise ratio",
      description:
        "Natural logarithm of the signal's variance over the noise's along the process, input scaling included.",
      unit: "ln SNR",
      of: "logSnr",
    }),
    curve("alpha-bar", {
      title: "Signal left",
      description: "Share of the variance that is signal, alphaBar, along the process.",
      unit: "alphaBar",
      of: "alphaBar",
    }),
  ].flatMap((chart) => chart ?? []);
}

export function forwardTable(run: Run, cells: readonly Cell[]): DataTable {
  return {
    sources: inCsv("forward", records(cells, "forward"), ({ model }) => ({ model })),
    columns: [
      "model",
      "schedule",
      "steps",
      "input scale",
      "SNR at the last step",
      "steps that teach little",
      "which are below SNR",
    ],
    rows: records(cells, "forward").map((record) => [
      titleOf(run, record.model),
      record.schedule,
      String(record.timesteps),
      formatNumber(record.inputScale),
      formatNumber(record.terminalSnr),
      formatPercent(record.goneShare),
      formatNumber(record.goneBelow),
    ]),
  };
}

/** Bits per dimension of each diffusion model, a dot a seed. */
export function likelihoodChart(run: Run, cells: readonly Cell[]): Chart | undefined {
  const groups = groupBy(records(cells, "likelihood"), ({ model }) => model);
  const bounds = groups.flat().map(({ bitsPerDimension }) => bitsPerDimension);
  return dotPlot({
    id: "likelihood",
    title: "Bound on the likelihood",
    description:
      "Variational bound on the negative log-likelihood of test images, bits per dimension, lower is better; a dot a seed. Of one seed the bar is its 95% interval over images, of several their range. A GAN has none.",
    size: "half",
    axis: {
      title: "bits per dimension",
      scale: "linear",
      domain: linearDomain(bounds.flatMap(({ low, high }) => [low, high])),
    },
    rows: groups.map((group) => {
      const [first] = group;
      const interval =
        group.length > 1 ? spanOf(group.map((one) => one.bitsPerDimension.value)) : first!.bitsPerDimension;
      return {
        label: titleOf(run, first!.model),
        ...lookOf(run, first!.model),
        interval,
        dots: group.map((one) => ({
          value: one.bitsPerDimension.value,
          tip: `${titleOf(run, one.model)}, seed ${one.seed}\n${formatNumber(one.bitsPerDimension.value)} bits per dimension, over ${one.images} images`,
        })),
      };
    }),
    table: {
      sources: inCsv("likelihood", groups.flat(), ({ model, seed }) => ({ model, seed })),
      columns: [
        "model",
        "seed",
        "bits per dimension",
        "low",
        "high",
        "at the last step",
        "between",
        "decoder",
        "images",
      ],
      rows: groups
        .flat()
        .map((one) => [
          titleOf(run, one.model),
          String(one.seed),
          ...[
            one.bitsPerDimension.value,
            one.bitsPerDimension.low,
            one.bitsPerDimension.high,
            one.prior,
            one.between,
            one.decoder,
          ].map((value) => formatNumber(value)),
          String(one.images),
        ]),
    },
  });
}

/** Where the bound lies along the process. */
export function likelihoodProfileChart(run: Run, cells: readonly Cell[]): Chart | undefined {
  const groups = groupBy(records(cells, "likelihood"), ({ model }) => model);
  const steps = groups.flat().flatMap(({ profile }) => profile.steps);
  const bits = groups.flat().flatMap(({ profile }) => profile.bits);
  return plot({
    id: "likelihood-profile",
    title: "Where the bound lies",
    description:
      "Bits per dimension of one step, averaged over stretches that end at the marked steps; the first seed of each model.",
    size: "half",
    height: 200,
    x: logAxis("step, log scale", steps),
    y: logAxis("bits per dimension of a step, log scale", bits),
    series: groups.map(([first]) => ({
      label: titleOf(run, first!.model),
      ...lookOf(run, first!.model),
      points: first!.profile.steps.map((step, i) => ({
        x: step,
        y: first!.profile.bits[i]!,
        tip: `${titleOf(run, first!.model)}\nup to step ${step}: ${formatNumber(first!.profile.bits[i]!)} bits a step`,
      })),
    })),
    table: {
      sources: groups
        .flat()
        .flatMap(({ model, seed, profile }) =>
          inCsv("likelihood_profile", profile.steps, (step) => ({ model, seed, up_to_step: step })),
        ),
      columns: ["model", "seed", "up to step", "bits per dimension of a step"],
      rows: groups
        .flat()
        .flatMap((one) =>
          one.profile.steps.map((step, i) => [
            titleOf(run, one.model),
            String(one.seed),
            String(step),
            formatNumber(one.profile.bits[i]!),
          ]),
        ),
    },
  });
}

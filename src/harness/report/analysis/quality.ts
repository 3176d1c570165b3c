/** Quality readings, brought together over seeds. */
import type { Cell, MetricValue, Quality } from "../../record/index.ts";
import { groupBy, records } from "./cells.ts";
import { type Setting, settingKey } from "./settings.ts";

export interface Reading {
  readonly metric: string;
  readonly direction: MetricValue["direction"];
  /** Mean over the seeds. */
  readonly value: number;
  readonly bySeed: readonly { readonly seed: number; readonly value: number }[];
  /** One seed: the metric's own interval, if it has one. Several: lowest and highest seed. */
  readonly interval?: { readonly low: number; readonly high: number; readonly of: "confidence" | "seeds" };
}

export interface QualityPoint extends Setting {
  readonly n: number;
  readonly readings: readonly Reading[];
  readonly undefinedMetrics: readonly { readonly metric: string; readonly why: string }[];
  /** Images assigned to each mode, summed over seeds, in the dataset's order. */
  readonly modeCounts: readonly number[];
}

export interface Anchors {
  readonly n: number;
  /** Real images against the same reference: no model can be expected below. */
  readonly floor: QualityPoint;
  /** Noise images: what knowing nothing scores. */
  readonly ceiling: QualityPoint;
}

/** One point a model, sampler and step count; models in the run's order, then as recorded, steps ascending. */
export function qualityPoints(models: readonly { id: string }[], cells: readonly Cell[]): QualityPoint[] {
  const settings = records(cells, "diversity").flatMap(({ model, seed, settings }) =>
    settings.map((quality) => ({ model, seed, ...quality })),
  );
  return models.flatMap(({ id }) =>
    groupBy(
      settings.filter(({ model }) => model === id),
      ({ sampler }) => sampler,
    ).flatMap((sampler) =>
      groupBy(sampler, settingKey)
        .map((group) => pointOf(id, group))
        .toSorted((a, b) => a.steps - b.steps),
    ),
  );
}

/** Floor and ceiling at `n` images; undefined where none was measured at that n, since these values depend on it. */
export function anchorsAt(cells: readonly Cell[], n: number): Anchors | undefined {
  const record = records(cells, "anchors").find((anchors) => anchors.n === n);
  return (
    record && {
      n: record.n,
      floor: pointOf("real", [{ ...record.real, seed: 0 }]),
      ceiling: pointOf("noise", [{ ...record.noise, seed: 0 }]),
    }
  );
}

function pointOf(model: string, group: readonly (Quality & { seed: number })[]): QualityPoint {
  const { sampler, steps, n, modeCounts } = group[0]!;
  const values = group.flatMap(({ seed, metrics }) => metrics.map((metric) => ({ seed, ...metric })));
  return {
    model,
    sampler,
    steps,
    n,
    readings: groupBy(values, ({ metric }) => metric).map(readingOf),
    undefinedMetrics: group.flatMap(({ undefinedMetrics }) => undefinedMetrics),
    modeCounts: modeCounts.map((_, mode) => group.reduce((sum, one) => sum + (one.modeCounts[mode] ?? 0), 0)),
  };
}

function readingOf(values: readonly (MetricValue & { seed: number })[]): Reading {
  const { metric, direction, low, high } = values[0]!;
  const numbers = values.map(({ value }) => value);
  const reading = {
    metric,
    direction,
    value: numbers.reduce((sum, value) => sum + value, 0) / numbers.length,
    bySeed: values.map(({ seed, value }) => ({ seed, value })),
  };
  if (values.length > 1)
    return {
      ...reading,
      interval: { low: Math.min(...numbers), high: Math.max(...numbers), of: "seeds" },
    };
  return low !== undefined && high !== undefined
    ? { ...reading, interval: { low, high, of: "confidence" } }
    : reading;
}

/** `precision_k5` and `precision_k3` are one metric with two options: `precision`. */
export const baseName = (metric: string): string => metric.replace(/_k\d+$/, "");

export function readingNamed(point: QualityPoint | undefined, base: string): Reading | undefined {
  return point?.readings.find(({ metric }) => baseName(metric) === base);
}

/** Metrics in the order in which they were recorded, each once, defined or not. */
export function metricNames(points: readonly QualityPoint[]): string[] {
  return [
    ...new Set(
      points.flatMap(({ readings, undefinedMetrics }) =>
        [...readings, ...undefinedMetrics].map(({ metric }) => metric),
      ),
    ),
  ];
}

interface MetricText {
  readonly title: string;
  readonly meaning: string;
  /** Bounds of the axis where the metric has them. */
  readonly domain?: readonly [number, number];
}

const metricTexts: Readonly<Record<string, MetricText>> = {
  fid: { title: "FID", meaning: "distance of the feature distributions, Gaussian fit" },
  kid: { title: "KID", meaning: "distance of the feature distributions, kernel estimate; may be below 0" },
  precision: { title: "Precision", meaning: "share of generated images near real ones", domain: [0, 1] },
  recall: { title: "Recall", meaning: "share of real images near generated ones", domain: [0, 1] },
  density: { title: "Density", meaning: "generated images a real neighbourhood holds; may exceed 1" },
  coverage: {
    title: "Coverage",
    meaning: "share of real neighbourhoods with a generated image",
    domain: [0, 1],
  },
  mode_count: { title: "Modes found", meaning: "modes with at least one generated image" },
  reverse_kl: { title: "Reverse KL", meaning: "divergence of the generated from the real mode shares, nats" },
};

/** A metric's title within a sentence: `coverage`, but `FID`. */
export const metricWord = (metric: string): string => {
  const { title } = metricText(metric);
  return /^[A-Z]{2}/.test(title) ? title : `${title.charAt(0).toLowerCase()}${title.slice(1)}`;
};

/** Words for a metric; one that the report does not know goes by its recorded name. */
export function metricText(metric: string): MetricText {
  const base = baseName(metric);
  const text = Object.hasOwn(metricTexts, base) ? metricTexts[base] : undefined;
  if (!text) return { title: metric, meaning: "as recorded" };
  const k = /_k(\d+)$/.exec(metric)?.[1];
  return k === undefined ? text : { ...text, meaning: `${text.meaning}; k = ${k}` };
}

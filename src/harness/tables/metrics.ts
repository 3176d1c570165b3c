/** Metrics in words, as run.json has them. */
import { baseName, type MetricFacts, type Quality } from "../record/index.ts";
import type { View } from "./view.ts";

/** The metric that ranks, by its base name, as every verdict states. */
export const RANKING = "fid";

/**
 * How far from real images to noise the default floor of a decision lies. The rule knows no family and no model, and is the same in
 * every metric's unit. In a share of images, as precision and density are, it is what real images score of which one in
 * ten is replaced by noise; measured on 800 pictures of `shapes` by their pixels, that gives 0.10 of the way in
 * precision, 0.11 in density and 0.06 in FID, so that the floor is somewhat laxer in FID.
 */
export const FLOOR_SHARE = 0.1;

/** Facts of a metric; one that run.json does not describe goes by its recorded name. */
export function metricFacts(view: View, metric: string): Omit<MetricFacts, "name" | "direction"> {
  const found = view.run.metrics.find(({ name }) => name === baseName(metric));
  if (!found) return { title: metric, meaning: "as recorded" };
  const k = /_k(\d+)$/.exec(metric)?.[1];
  return k === undefined ? found : { ...found, meaning: `${found.meaning}; k = ${k}` };
}

/** Whether verdicts rest on a metric: one whose facts say what it decides; in a run that says so of none, any. */
export function decides({ run }: View, metric: string): boolean {
  const weighed = run.metrics.filter(({ weight }) => weight !== undefined);
  return weighed.length === 0 || weighed.some(({ name }) => name === baseName(metric));
}

export const metricTitle = (view: View, metric: string): string => metricFacts(view, metric).title;

/** A metric's title within a sentence: `coverage`, but `FID`. */
export function metricWord(view: View, metric: string): string {
  const title = metricTitle(view, metric);
  return /^[A-Z]{2}/.test(title) ? title : `${title.charAt(0).toLowerCase()}${title.slice(1)}`;
}

/** A metric of one scored set by its base name; undefined where it was not computed. */
export const metricValue = (quality: Quality | undefined, metric: string): number | undefined =>
  quality?.metrics.find((one) => baseName(one.metric) === metric)?.value;

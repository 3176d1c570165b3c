/** Quality of one set of images against the reference, with one protocol for every model and anchor. */

import { BenchError } from "../../../core/errors.ts";
import type { ByteImages } from "../../../core/images.ts";
import type { MetricOptions, Sample } from "../../../metrics/contract.ts";
import { evaluateMetrics, type MetricName, metricsFor, needTraining } from "../../../metrics/index.ts";
import { publish } from "../../checkpoints/files.ts";
import { encodePng, grid } from "../../images/png.ts";
import type { Grid, Quality } from "../../record/index.ts";
import { firstImages } from "./batches.ts";
import type { Confirming, Judged } from "./judges.ts";

/** How a set of images was made, as records name it. */
export type Sampled = Pick<Quality, "sampler" | "steps" | "networkEvaluations">;

/** Of images that no model made: real ones, noise, filled holes. */
export const NOT_SAMPLED: Sampled = { sampler: "none", steps: 0, networkEvaluations: 0 };

export interface QualityOptions {
  /** Default: those of every sampling setting. */
  readonly metrics?: readonly MetricName[];
  /** Of the images, to show beside the numbers. */
  readonly picture?: Grid;
  /** By the judges that confirm: the sample's features, and those of the real images. */
  readonly confirmed?: { readonly sample: readonly Confirming[]; readonly real: readonly Confirming[] };
}

/** Metrics that confirm a ranking: that which ranks, and that which tells lost modes. */
const CONFIRMING: readonly MetricName[] = ["fid", "coverage"];

/** Metrics of a judged sample against a real one, and how many images fall into each of the `modes`. */
export function qualityOf(
  sample: Judged,
  { real, training }: { real: Sample; training?: Sample },
  { sampler, steps, networkEvaluations }: Sampled,
  { k, modes }: { k: number; modes: number },
  { picture, confirmed, metrics = metricsFor("setting") }: QualityOptions = {},
): Quality {
  const modeCounts = sample.assignments ? Array<number>(modes).fill(0) : [];
  for (const mode of sample.assignments ?? []) modeCounts[mode]!++;
  return {
    sampler,
    steps,
    networkEvaluations,
    n: sample.features.count,
    ...measured(sample, real, { k, modes, metrics, training }),
    modeCounts,
    confirmed: confirmed?.sample.map(({ judge, features }, i) => ({
      judge,
      ...measured({ features }, confirmed.real[i]!, { k, modes, metrics: CONFIRMING }),
    })),
    grid: picture,
  };
}

/**
 * Whether a sample copies the training images: against them, as far as metrics compare two sets, and by how likely they and
 * the real images are beside it.
 */
export function copyingOf(
  sample: Judged,
  { real, training }: { real: Sample; training: Sample },
  made: Sampled,
  modes: number,
): Quality {
  const names = metricsFor("copying");
  const likelihoods = names.filter((name) => needTraining([name]));
  const against = (of: Sample, metrics: readonly MetricName[]) =>
    qualityOf(sample, { real: of, training }, made, { k: 1, modes }, { metrics });
  const distances = against(
    training,
    names.filter((name) => !likelihoods.includes(name)),
  );
  const { metrics, undefinedMetrics } = against(real, likelihoods);
  return {
    ...distances,
    metrics: [...distances.metrics, ...metrics],
    undefinedMetrics: [...distances.undefinedMetrics, ...undefinedMetrics],
  };
}

/** As records have it. */
function measured(
  sample: Sample,
  real: Sample,
  options: MetricOptions & { metrics: readonly MetricName[] },
): Pick<Quality, "metrics" | "undefinedMetrics"> {
  const { values, undefinedMetrics } = evaluateMetrics(sample, real, options);
  return {
    metrics: values.map(({ name, direction, protocol, estimate: { value, interval } }) => ({
      metric: name,
      value,
      ...interval,
      protocol,
      direction,
    })),
    undefinedMetrics: undefinedMetrics.map(({ name, why }) => ({ metric: name, why })),
  };
}

/** Value of a metric. @throws METRIC_UNDEFINED with the recorded reason where it has none */
export function metricOf({ metrics, undefinedMetrics }: Quality, metric: string): number {
  const found = metrics.find((entry) => entry.metric === metric);
  if (found) return found.value;
  const why = undefinedMetrics.find((entry) => entry.metric === metric)?.why ?? "it was not measured";
  throw new BenchError("METRIC_UNDEFINED", `${metric}: ${why}`);
}

const GRID_COLUMNS = 10;

/** Writes a sample grid as a PNG below the run folder, unscaled. */
export async function publishGrid(
  out: string,
  path: string,
  images: ByteImages,
  count: number,
  caption: string,
  columns = GRID_COLUMNS,
): Promise<Grid> {
  const shown = firstImages(images, count);
  const file = await publish(out, path, encodePng(grid(shown, columns)));
  return { file, rows: Math.ceil(shown.count / columns), columns, caption };
}

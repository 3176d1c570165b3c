/** Quality of one set of images against the reference: the protocol that every family and every anchor shares. */

import { BenchError } from "../../../core/errors.ts";
import type { ByteImages } from "../../../core/images.ts";
import { takeImages } from "../../../core/images.ts";
import type { Sample } from "../../../metrics/contract.ts";
import { evaluateMetrics, type MetricName } from "../../../metrics/index.ts";
import { publish } from "../../checkpoints/files.ts";
import type { Dataset } from "../../datasets/contract.ts";
import { encodePng, grid } from "../../images/png.ts";
import type { DatasetFacts, Grid, MetricValue, Quality } from "../../record/index.ts";
import type { Judge } from "../classifier/run.ts";
import { targetsOf } from "../classifier/run.ts";

export interface Protocol {
  readonly n: number;
  readonly k: number;
  readonly modes: number;
}

export function protocolOf(dataset: Dataset, diversity: { n: number; k: number }): Protocol {
  return { n: diversity.n, k: diversity.k, modes: targetsOf(dataset, dataset.test).names.length };
}

/** How a set of images was made, as records name it. */
export type Sampled = Pick<Quality, "sampler" | "steps" | "networkEvaluations">;

const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

/** The reference: the first n test images, which no generator and no classifier ever saw. */
export function referenceImages(dataset: Dataset, n: number): ByteImages {
  return takeImages(dataset.test.images, range(0, n));
}

/** The floor: the next n test images, disjoint from the reference and as unseen. */
export function floorImages(dataset: Dataset, n: number): ByteImages {
  return takeImages(dataset.test.images, range(n, n));
}

/** BAD_CONFIG where the test images are too few for a reference of n and as many others beside it. */
export function checkTestImages(stage: string, n: number, { name, test }: DatasetFacts): void {
  if (test < 2 * n)
    throw new BenchError(
      "BAD_CONFIG",
      `stages.${stage}.n is ${n}, which takes ${2 * n} test images (a reference and as many others beside it), and ` +
        `${name} has ${test}. Set stages.${stage}.n to at most ${Math.floor(test / 2)}.`,
    );
}

/** What every setting of a run is scored by. */
const METRICS = [
  "fid",
  "kid",
  "precision",
  "recall",
  "density",
  "coverage",
  "vendi",
  "modeCount",
  "reverseKl",
] as const satisfies readonly MetricName[];

/** What is followed over training: quality, coverage, variety and modes. */
export const SNAPSHOT_METRICS = ["fid", "recall", "coverage", "vendi", "modeCount"] as const;

/** These metrics of `generated` against `real`, and how many images each mode got. */
export async function measureQuality(
  judge: Judge,
  generated: ByteImages,
  real: Sample,
  setting: Sampled,
  protocol: Protocol,
  { picture, metrics = METRICS }: { picture?: Grid; metrics?: readonly MetricName[] } = {},
): Promise<Quality> {
  return qualityOf(await judge.judge(generated), real, setting, protocol, { picture, metrics });
}

/** The same of a set that has been judged. */
export function qualityOf(
  sample: Sample & { readonly assignments: ArrayLike<number> },
  real: Sample,
  { sampler, steps, networkEvaluations }: Sampled,
  protocol: Protocol,
  { picture, metrics = METRICS }: { picture?: Grid; metrics?: readonly MetricName[] } = {},
): Quality {
  const { values, undefinedMetrics } = evaluateMetrics(sample, real, {
    k: protocol.k,
    modes: protocol.modes,
    metrics,
  });
  const modeCounts = Array<number>(protocol.modes).fill(0);
  for (const mode of Array.from(sample.assignments)) modeCounts[mode]!++;
  return {
    sampler,
    steps,
    networkEvaluations,
    n: sample.features.count,
    metrics: values.map(({ name, direction, protocol, estimate }): MetricValue => {
      const { interval } = estimate;
      return {
        metric: name,
        value: estimate.value,
        low: interval?.low,
        high: interval?.high,
        confidence: interval?.confidence,
        method: interval?.method,
        protocol,
        direction,
      };
    }),
    undefinedMetrics: undefinedMetrics.map(({ name, why }) => ({ metric: name, why })),
    modeCounts,
    grid: picture,
  };
}

/** Value of a metric; METRIC_UNDEFINED with the recorded reason where it has none. */
export function metricOf({ metrics, undefinedMetrics }: Quality, metric: string): number {
  const found = metrics.find((entry) => entry.metric === metric);
  if (found) return found.value;
  const why = undefinedMetrics.find((entry) => entry.metric === metric)?.why ?? "it was not measured";
  throw new BenchError("METRIC_UNDEFINED", `${metric}: ${why}`);
}

export const modesReached = ({ modeCounts }: Quality): number => modeCounts.filter((n) => n > 0).length;

const GRID_COLUMNS = 10;

/** A sample grid as a PNG of the run folder, one pixel per pixel; who shows it scales it. */
export async function publishGrid(
  out: string,
  path: string,
  images: ByteImages,
  count: number,
  caption: string,
  columns = GRID_COLUMNS,
): Promise<Grid> {
  const shown = takeImages(images, range(0, Math.min(count, images.count)));
  const file = await publish(out, path, encodePng(grid(shown, columns, { gap: 1 })));
  return { file, rows: Math.ceil(shown.count / columns), columns, caption };
}

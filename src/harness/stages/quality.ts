/** Quality of one set of images against the reference: the protocol that every family and every anchor shares. */
import type { ByteImages } from "../../core/images.ts";
import { takeImages } from "../../core/images.ts";
import type { Sample } from "../../metrics/contract.ts";
import { evaluateMetrics } from "../../metrics/index.ts";
import { publish } from "../checkpoints/files.ts";
import type { Dataset } from "../datasets/contract.ts";
import { encodePng, grid } from "../images/png.ts";
import type { Grid, MetricValue, Quality } from "../record/schema.ts";
import type { Judge } from "./classifier.ts";
import { targetsOf } from "./classifier.ts";

export interface Protocol {
  readonly n: number;
  readonly k: number;
  readonly modes: number;
}

export function protocolOf(dataset: Dataset, diversity: { n: number; k: number }): Protocol {
  return { n: diversity.n, k: diversity.k, modes: targetsOf(dataset, dataset.test).names.length };
}

const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

/** The reference: the first n test images, which no generator and no classifier ever saw. */
export function referenceImages(dataset: Dataset, n: number): ByteImages {
  return takeImages(dataset.test.images, range(0, n));
}

/** The floor: the next n test images, disjoint from the reference and as unseen. */
export function floorImages(dataset: Dataset, n: number): ByteImages {
  return takeImages(dataset.test.images, range(n, n));
}

/** What every setting of a run is scored by. */
const METRICS = [
  "fid",
  "kid",
  "precision",
  "recall",
  "density",
  "coverage",
  "modeCount",
  "reverseKl",
] as const;

/** These metrics of `generated` against `real`, and how many images each mode got. */
export async function measureQuality(
  judge: Judge,
  generated: ByteImages,
  real: Sample,
  setting: { sampler: string; steps: number },
  protocol: Protocol,
  gridEntry: Grid | undefined,
): Promise<Quality> {
  const sample = await judge.judge(generated);
  const { values, undefinedMetrics } = evaluateMetrics(sample, real, {
    k: protocol.k,
    modes: protocol.modes,
    metrics: METRICS,
  });
  const modeCounts = Array<number>(protocol.modes).fill(0);
  for (const mode of sample.assignments) modeCounts[mode]!++;
  return {
    ...setting,
    n: generated.count,
    metrics: values.map(({ name, direction, estimate }): MetricValue => {
      const { interval } = estimate;
      return {
        metric: name,
        value: estimate.value,
        ...(interval
          ? {
              low: interval.low,
              high: interval.high,
              confidence: interval.confidence,
              method: interval.method,
            }
          : {}),
        direction,
      };
    }),
    undefinedMetrics: undefinedMetrics.map(({ name, why }) => ({ metric: name, why })),
    modeCounts,
    ...(gridEntry ? { grid: gridEntry } : {}),
  };
}

const GRID_COLUMNS = 10;

/** A sample grid as a PNG of the run folder, one pixel per pixel; who shows it scales it. */
export async function publishGrid(
  out: string,
  path: string,
  images: ByteImages,
  count: number,
  caption: string,
): Promise<Grid> {
  const shown = takeImages(images, range(0, Math.min(count, images.count)));
  const file = await publish(out, path, encodePng(grid(shown, GRID_COLUMNS, { gap: 1 })));
  return { file, rows: Math.ceil(shown.count / GRID_COLUMNS), columns: GRID_COLUMNS, caption };
}

/** The metrics of a generated set against a real one, and beside each its floor and its ceiling. */
import { takeImages } from "../../core/images.ts";
import { rng } from "../../core/rng.ts";
import type { Engine } from "../../engine/contract.ts";
import type { MetricOptions, Sample } from "../../metrics/contract.ts";
import { prepareNeighbours } from "../../metrics/engine-neighbours.ts";
import { evaluateMetrics, type MetricName, metricNames, needNeighbours } from "../../metrics/index.ts";
import { takeRows } from "../../metrics/order.ts";
import type { Counts, Measured, Undefined } from "./result.ts";

/** A generated set and the real one that it is compared with. */
interface Arm {
  readonly generated: Sample;
  readonly real: Sample;
}

export interface MeasureRequest extends Arm {
  /** Real images that are not among `real`, as many as `generated`, where there are so many. */
  readonly spare: Sample | undefined;
  readonly noise: Sample | undefined;
  readonly metrics: readonly MetricName[] | undefined;
  readonly options: MetricOptions & { readonly ks: readonly number[] };
  /** Finds the neighbours of large sets; the values are the same to the bit. */
  engine(): Promise<Engine>;
  progress(message: string, done: number, total: number): void;
}

/** The members of a sample at `indices`, in that order, copied. */
export function takeSample(sample: Sample, indices: ArrayLike<number>): Sample {
  const { features, assignments, probabilities, images } = sample;
  const count = indices.length;
  const rows = (data: Float64Array, width: number) => takeRows({ data, count, width }, indices).data;
  return {
    features: { ...features, data: rows(features.data, features.width), count },
    assignments: assignments && Array.from(indices, (i) => assignments[i]!),
    probabilities: probabilities && {
      ...probabilities,
      data: rows(probabilities.data, probabilities.classes),
      count,
    },
    images: images && takeImages(images, indices),
  };
}

/**
 * Two disjoint real sets: the reference and `spare` where there is one, else the real images split at random, with as many
 * of them on one side as were generated, but at most half.
 */
function floorOf({ generated, real, spare, options }: MeasureRequest): Arm | undefined {
  if (spare) return { generated: spare, real };
  const { count } = real.features;
  const size = Math.min(generated.features.count, Math.floor(count / 2));
  if (size < 2) return undefined;
  const order = rng(options.seed ?? 0)
    .fold("real floor")
    .permutation(count);
  return { generated: takeSample(real, order.slice(0, size)), real: takeSample(real, order.slice(size)) };
}

/** Multiplications of one pass over all pairs from which starting an engine pays: about a second of work. */
const LARGE = 2e9;

async function findNeighbours(
  { generated, real }: Arm,
  { options, engine, progress }: MeasureRequest,
): Promise<void> {
  const [g, r] = [generated.features, real.features];
  if (Math.max(g.count, r.count) ** 2 * r.width < LARGE) return;
  await prepareNeighbours(await engine(), g, r, options.ks, (done, total) =>
    progress("finding neighbours", done, total),
  );
}

/** Without a floor where the real images are too few for two sets. @throws BAD_DATA for features that are not finite; a metric that is undefined here is listed with its reason. */
export async function measure(request: MeasureRequest) {
  const { generated, real, noise, options, progress } = request;
  const arms = {
    value: { generated, real },
    floor: floorOf(request),
    ceiling: noise && { generated: noise, real },
  };
  const keys = request.metrics ?? metricNames;
  if (needNeighbours(keys))
    for (const sets of Object.values(arms)) if (sets) await findNeighbours(sets, request);
  const metrics: Record<string, Measured> = {};
  const without: Undefined[] = [];
  for (const [done, key] of keys.entries()) {
    progress("measuring", done, keys.length);
    const scored = (arm: Arm) => evaluateMetrics(arm.generated, arm.real, { ...options, metrics: [key] });
    const { values, undefinedMetrics } = scored(arms.value);
    const references = [arms.floor, arms.ceiling].map((arm) => arm && scored(arm));
    for (const { name, why } of undefinedMetrics) without.push({ metric: name, why });
    for (const { name, title, direction, protocol, estimate } of values) {
      const { interval } = estimate;
      const [floor, ceiling] = references.map(
        (reference) => reference?.values.find((other) => other.name === name)?.estimate.value,
      );
      metrics[name] = {
        title,
        direction,
        protocol,
        value: estimate.value,
        interval: interval && [interval.low, interval.high],
        confidence: interval?.confidence,
        method: interval?.method,
        floor,
        ceiling,
      };
    }
  }
  progress("measuring", keys.length, keys.length);
  const sizes = (arm: Arm | undefined): { n: Counts } | undefined =>
    arm && { n: { real: arm.real.features.count, generated: arm.generated.features.count } };
  return { metrics, undefined: without, floor: sizes(arms.floor), ceiling: sizes(arms.ceiling) };
}

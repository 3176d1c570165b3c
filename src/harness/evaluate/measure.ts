/** The metrics of a generated set against a real one, and beside each its floor and its ceiling. */
import type { ByteImages } from "../../core/images.ts";
import { rng } from "../../core/rng.ts";
import type { Engine } from "../../engine/contract.ts";
import type { MetricOptions, Sample } from "../../metrics/contract.ts";
import { prepareNeighbours } from "../../metrics/engine-neighbours.ts";
import { type Evaluation, evaluateMetrics, type MetricName, metricNames } from "../../metrics/index.ts";
import type { Counts, Measured, Undefined } from "./result.ts";
import { takeSample } from "./sample.ts";

export interface MeasureRequest {
  readonly generated: Sample;
  readonly real: Sample;
  /** Real images that are not among `real`, as many as `generated`, where there are so many. */
  readonly spare: Sample | undefined;
  readonly noise: Sample | undefined;
  readonly metrics: readonly MetricName[] | undefined;
  readonly options: MetricOptions & { readonly ks: readonly number[] };
  /** Takes over the neighbours of large sets; the values are the same to the bit. */
  engine(): Promise<Engine>;
  progress(message: string, done: number, total: number): void;
}

export interface Measurement {
  readonly metrics: Readonly<Record<string, Measured>>;
  readonly undefinedMetrics: readonly Undefined[];
  /** Sizes of the two real sets that the floor compares; absent where the real images are too few for two. */
  readonly floor?: Counts;
  readonly ceiling?: Counts;
}

/** Uniform bytes, as many as `like` has and of its shape. */
export function noiseLike(like: ByteImages, seed: number): ByteImages {
  const stream = rng(seed).fold("noise ceiling");
  return { ...like, data: like.data.map(() => stream.integer(256)) };
}

/**
 * Two disjoint real sets: the reference and `spare` where there is one, else the real images parted at random, as many
 * of them on one side as were generated, but at most half.
 */
function floorOf({ generated, real, spare, options }: MeasureRequest) {
  if (spare) return { generated: spare, real };
  const { count } = real.features;
  const size = Math.min(generated.features.count, Math.floor(count / 2));
  if (size < 2) return undefined;
  const order = rng(options.seed ?? 0)
    .fold("real floor")
    .permutation(count);
  return { generated: takeSample(real, order.slice(0, size)), real: takeSample(real, order.slice(size)) };
}

const ofNeighbours: ReadonlySet<MetricName> = new Set([
  "precision",
  "recall",
  "density",
  "coverage",
  "authpct",
  "memorisation",
  "supportSize",
]);

/** Multiplications of one pass over all pairs, from which an engine is worth its start: about a second of them. */
const LARGE = 2e9;

async function findNeighbours(
  { generated, real }: { generated: Sample; real: Sample },
  { options, engine, progress }: MeasureRequest,
): Promise<void> {
  const [g, r] = [generated.features, real.features];
  if (Math.max(g.count, r.count) ** 2 * r.width < LARGE) return;
  await prepareNeighbours(await engine(), g, r, options.ks, (done, total) =>
    progress("finding neighbours", done, total),
  );
}

/** @throws BAD_DATA for features that are not finite; a metric that is undefined here is listed with its reason. */
export async function measure(request: MeasureRequest): Promise<Measurement> {
  const { generated, real, noise, options, progress } = request;
  const arms = {
    value: { generated, real },
    floor: floorOf(request),
    ceiling: noise && { generated: noise, real },
  };
  const keys = request.metrics ?? metricNames;
  if (keys.some((key) => ofNeighbours.has(key)))
    for (const sets of Object.values(arms)) if (sets) await findNeighbours(sets, request);
  const metrics: Record<string, Measured> = {};
  const undefinedMetrics: Undefined[] = [];
  for (const [done, key] of keys.entries()) {
    progress("measuring", done, keys.length);
    const results = Object.fromEntries(
      Object.entries(arms).map(([arm, sets]) => [
        arm,
        sets && evaluateMetrics(sets.generated, sets.real, { ...options, metrics: [key] }),
      ]),
    ) as { value: Evaluation; floor?: Evaluation; ceiling?: Evaluation };
    for (const { name, why } of results.value.undefinedMetrics) undefinedMetrics.push({ metric: name, why });
    for (const { name, title, direction, protocol, estimate } of results.value.values) {
      const { interval } = estimate;
      const beside = (evaluation: Evaluation | undefined) =>
        evaluation?.values.find((other) => other.name === name)?.estimate.value;
      const [floor, ceiling] = [beside(results.floor), beside(results.ceiling)];
      metrics[name] = {
        title,
        direction,
        protocol,
        value: estimate.value,
        ...(interval && {
          interval: [interval.low, interval.high] as const,
          confidence: interval.confidence,
          method: interval.method,
        }),
        floor,
        ceiling,
      };
    }
  }
  progress("measuring", keys.length, keys.length);
  const counts = (sets: { generated: Sample; real: Sample }): Counts => ({
    real: sets.real.features.count,
    generated: sets.generated.features.count,
  });
  return {
    metrics,
    undefinedMetrics,
    floor: arms.floor ? counts(arms.floor) : undefined,
    ceiling: arms.ceiling ? counts(arms.ceiling) : undefined,
  };
}

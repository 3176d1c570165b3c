/** How well models do as they are told, brought together over seeds: labels over guidance, and holes filled. */
import type { Cell, ControlPoint, Run } from "../../record/index.ts";
import { groupBy, records } from "./cells.ts";
import { metricValue, type Span, spanOf } from "./over-training.ts";

export interface SteeringPoint {
  /** w of classifier-free guidance; absent for a model that has none. */
  readonly guidance?: number;
  readonly accuracy: Span;
  readonly secondAccuracy: Span;
  /** Coverage and FID of the same samples; absent where they could not be computed. */
  readonly coverage?: Span;
  readonly fid?: Span;
  readonly networkEvaluations: number;
  readonly millisecondsPerImage: Span;
  readonly bySeed: readonly { readonly seed: number; readonly point: ControlPoint }[];
}

export interface ModelSteering {
  readonly model: string;
  readonly sampler: string;
  readonly steps: number;
  /** In order of guidance; empty for a model without labels. */
  readonly points: readonly SteeringPoint[];
}

export function modelSteering(run: Run, cells: readonly Cell[]): ModelSteering[] {
  const all = records(cells, "control");
  return run.models.flatMap(({ id: model }) => {
    const own = all.filter((record) => record.model === model);
    if (own.length === 0) return [];
    const points = own.flatMap(({ seed, points }) => points.map((point) => ({ seed, point })));
    return [
      {
        model,
        sampler: own[0]!.sampler,
        steps: own[0]!.steps,
        points: groupBy(points, ({ point }) => String(point.guidance)).map(steeringPoint),
      },
    ];
  });
}

function steeringPoint(bySeed: SteeringPoint["bySeed"]): SteeringPoint {
  const { guidance, networkEvaluations } = bySeed[0]!.point;
  const span = (of: (point: ControlPoint) => number) => spanOf(bySeed.map(({ point }) => of(point)));
  const metric = (name: string) => bySeed.flatMap(({ point }) => metricValue(point.quality, name) ?? []);
  const [coverage, fid] = [metric("coverage"), metric("fid")];
  return {
    guidance,
    accuracy: span(({ accuracy }) => accuracy.value),
    secondAccuracy: span(({ secondAccuracy }) => secondAccuracy.value),
    coverage: coverage.length > 0 ? spanOf(coverage) : undefined,
    fid: fid.length > 0 ? spanOf(fid) : undefined,
    networkEvaluations,
    millisecondsPerImage: span(({ millisecondsPerImage }) => millisecondsPerImage),
    bySeed,
  };
}

export interface FilledHoles {
  readonly model: string;
  readonly mask: string;
  readonly missing: number;
  readonly images: number;
  /** Over seeds; of one seed the interval over images. */
  readonly error: Span;
  readonly errors: readonly number[];
  readonly meanFillError: number;
  readonly accuracy: Span;
  readonly millisecondsPerImage: Span;
  readonly networkEvaluations: number;
}

/** One entry a mask and model, masks as recorded. */
export function filledHoles(run: Run, cells: readonly Cell[]): FilledHoles[] {
  const order = (model: string) => run.models.findIndex(({ id }) => id === model);
  const all = records(cells, "control").flatMap(({ model, inpainting }) =>
    inpainting.map((one) => ({ model, ...one })),
  );
  return groupBy(all, ({ mask }) => mask).flatMap((masked) =>
    groupBy(masked, ({ model }) => model)
      .toSorted((a, b) => order(a[0]!.model) - order(b[0]!.model))
      .map((group) => {
        const { model, mask, missing, images, error, meanFillError, networkEvaluations } = group[0]!;
        const errors = group.map((one) => one.error.value);
        return {
          model,
          mask,
          missing,
          images,
          error:
            group.length > 1
              ? spanOf(errors)
              : { value: error.value, low: error.low, high: error.high, n: 1 },
          errors,
          meanFillError,
          accuracy: spanOf(group.map((one) => one.accuracy)),
          millisecondsPerImage: spanOf(group.map((one) => one.millisecondsPerImage)),
          networkEvaluations,
        };
      }),
  );
}

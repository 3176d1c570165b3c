/** Small makers of readings that the readers share. */
import type { CellRecord, Quality } from "../../record/index.ts";
import type { CellReadings, Direction, Reading, ReadingContext } from "../readings.ts";

export type RecordOf<Kind extends CellRecord["kind"]> = Extract<CellRecord, { kind: Kind }>;

export type Reader<Kind extends CellRecord["kind"]> = (
  record: RecordOf<Kind>,
  context: ReadingContext,
) => CellReadings;

export const nothing: CellReadings = { readings: [], missing: [] };

export const only = (readings: readonly Reading[]): CellReadings => ({ readings, missing: [] });

export const together = (parts: readonly CellReadings[]): CellReadings => ({
  readings: parts.flatMap(({ readings }) => readings),
  missing: parts.flatMap(({ missing }) => missing),
});

type Unit = Pick<Reading, "unitKind" | "unit">;

export const seedUnit = (seed: number): Unit => ({ unitKind: "seed", unit: `seed ${seed}` });
export const processUnit = (process: number): Unit => ({ unitKind: "process", unit: `process ${process}` });
export const runUnit: Unit = { unitKind: "run", unit: "run" };

/** A part of a key: no slash, no blank. */
const part = (text: string | number): string => String(text).replace(/[\s/]+/g, "-");

export const keyOf = (...parts: readonly (string | number)[]): string => parts.map(part).join("/");

/** `ddim-50`, or `one-pass` for a generator without steps. */
export const settingOf = ({ sampler, steps }: { sampler: string; steps: number }): string =>
  sampler === "none" ? "one-pass" : `${sampler}-${steps}`;

/** A time, memory or rate: what this machine makes of the program. */
export function timing(
  place: readonly (string | number)[],
  metric: string,
  value: number,
  unit: Unit,
  direction: Direction = "lower",
  protocol = "",
): Reading {
  return { key: keyOf(...place, metric), metric, class: "timing", direction, protocol, ...unit, value };
}

/** A number that seeds decide and no clock. */
export function measured(
  place: readonly (string | number)[],
  metric: string,
  value: number,
  unit: Unit,
  direction: Direction,
  more: Pick<Reading, "protocol"> & Partial<Pick<Reading, "classifier" | "target">> = { protocol: "" },
): Reading {
  return { key: keyOf(...place, metric), metric, class: "quality", direction, ...more, ...unit, value };
}

/** Every metric of one set of samples. */
export function qualityReadings(
  place: readonly (string | number)[],
  { metrics, undefinedMetrics }: Quality,
  unit: Unit,
  { classifier, realValue }: ReadingContext,
): CellReadings {
  return {
    readings: metrics.map(({ metric, value, protocol, direction }) => {
      const target = direction === "two-sided" ? realValue(metric) : undefined;
      return measured(place, metric, value, unit, direction, {
        protocol,
        classifier,
        target,
      });
    }),
    missing: undefinedMetrics.map(({ metric, why }) => ({
      key: keyOf(...place, metric),
      unit: unit.unit,
      why,
    })),
  };
}

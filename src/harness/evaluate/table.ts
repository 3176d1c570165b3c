/** The numbers of an evaluation as text, for the terminal and the page alike. */
import { formatNumber } from "../report/analysis/format.ts";
import type { EvaluationResult } from "./result.ts";

const DIGITS = 4;

const number = (value: number | undefined): string =>
  value === undefined ? "" : formatNumber(value, DIGITS);

const better = { lower: "↓", higher: "↑", "two-sided": "↕" } as const;

export const columns = ["metric", "better", "value", "interval", "floor", "ceiling"] as const;

/** One row a metric, cells in the order of `columns`. */
export function rows({ metrics }: EvaluationResult): string[][] {
  return Object.entries(metrics).map(([name, { direction, value, interval, floor, ceiling }]) => [
    name,
    better[direction],
    number(value),
    interval ? interval.map(number).join(" to ") : "",
    number(floor),
    number(ceiling),
  ]);
}

/** What the floor and the ceiling are, in one line each. */
export function legend({ floor, ceiling, metrics }: EvaluationResult): string[] {
  const confidences = new Set(Object.values(metrics).flatMap(({ confidence }) => confidence ?? []));
  return [
    ...(confidences.size > 0
      ? [`interval: ${[...confidences].map((c) => `${c * 100}%`).join(", ")} confidence`]
      : []),
    ...(floor
      ? [`floor: ${floor.n.generated} real images against ${floor.n.real} others, scored the same way`]
      : []),
    ...(ceiling ? [`ceiling: ${ceiling.n.generated} images of noise`] : []),
  ];
}

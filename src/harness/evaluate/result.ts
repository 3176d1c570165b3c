/** The result of an evaluation, as `--json` prints it and metrics.json keeps it; and as text for the terminal and the page. */
import { formatNumber } from "../../core/format.ts";

export interface Counts {
  readonly real: number;
  readonly generated: number;
}

export interface Measured {
  readonly title: string;
  /** Which values are better; two-sided: those near the floor. */
  readonly direction: "lower" | "higher" | "two-sided";
  /** Protocol in a few words: two values may be compared where their protocols agree. */
  readonly protocol: string;
  readonly value: number;
  readonly interval?: readonly [number, number];
  readonly confidence?: number;
  /** Method of the interval. */
  readonly method?: string;
  /** The metric of two disjoint sets of real images. */
  readonly floor?: number;
  /** The metric of noise in place of the generated images. */
  readonly ceiling?: number;
}

export interface Undefined {
  readonly metric: string;
  readonly why: string;
}

/** One set of images, and how it was read. */
interface Input {
  readonly name: string;
  readonly read: string;
}

export interface EvaluationResult {
  readonly harness: string;
  readonly inputs: Readonly<Record<"real" | "generated", Input>> & { readonly training?: Input };
  /** Images compared; of the training images, where they are given, those that metrics saw. */
  readonly n: Counts & { readonly training?: number };
  readonly seed: number;
  /** The extractor and its protocol. */
  readonly features: Readonly<Record<string, string | number>> & { readonly name: string };
  /** By name, e.g. `fid`, `precision_k5`. */
  readonly metrics: Readonly<Record<string, Measured>>;
  readonly undefined: readonly Undefined[];
  /** Number of images that the floor and the ceiling were measured with. */
  readonly floor?: { readonly n: Counts };
  readonly ceiling?: { readonly n: Counts };
  /** What a reader of the numbers must know. */
  readonly notes: readonly string[];
}

const DIGITS = 4;

const number = (value: number | undefined): string =>
  value === undefined ? "" : formatNumber(value, DIGITS);

const better = { lower: "↓", higher: "↑", "two-sided": "↕" } as const;

export const columns = ["metric", "better", "value", "interval", "floor", "ceiling"] as const;

/** A row for each metric, its cells in the order of `columns`. */
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

/** What the intervals, the floor and the ceiling are, in one line each. */
export function legend({ floor, ceiling, metrics }: EvaluationResult): string[] {
  const lines: string[] = [];
  const confidences = new Set(Object.values(metrics).flatMap(({ confidence }) => confidence ?? []));
  if (confidences.size > 0)
    lines.push(`interval: ${[...confidences].map((c) => `${c * 100}%`).join(", ")} confidence`);
  if (floor)
    lines.push(`floor: ${floor.n.generated} real images against ${floor.n.real} others, scored the same way`);
  if (ceiling) lines.push(`ceiling: ${ceiling.n.generated} images of noise`);
  return lines;
}

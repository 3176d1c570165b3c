/** Spaces of options that a search draws from: for each option a range, from which values are drawn independently. */
import type { Rng } from "./rng.ts";

/** Uniform in the logarithm, uniform, or one of these values with equal chances. */
export type Range =
  | { readonly log: readonly [low: number, high: number] }
  | { readonly uniform: readonly [low: number, high: number] }
  | readonly unknown[];

export type Space = Readonly<Record<string, Range>>;

/** Digits that a drawn number keeps, so that a suite that holds it is legible and means exactly it. */
const DIGITS = 3;

const between = ([low, high]: readonly [number, number], share: number): number => low + share * (high - low);

function drawFrom(range: Range, stream: Rng): unknown {
  if ("log" in range) {
    const [low, high] = range.log;
    return rounded(Math.exp(between([Math.log(low), Math.log(high)], stream.uniform())), range.log);
  }
  if ("uniform" in range) return rounded(between(range.uniform, stream.uniform()), range.uniform);
  return range[stream.integer(range.length)];
}

const rounded = (value: number, [low, high]: readonly [number, number]): number =>
  Math.min(high, Math.max(low, Number(value.toPrecision(DIGITS))));

/** A value of each option; each from the stream's fold of its name, so that another option in the space moves none. */
export const drawOptions = (space: Space, stream: Rng): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(space).map(([name, range]) => [name, drawFrom(range, stream.fold(name))]),
  );

/** A range in words: `1e-4 to 3e-3, log-uniform`, `one of 0, 0.5, 0.9`. */
export function rangeText(range: Range): string {
  if ("log" in range) return `${range.log.join(" to ")}, log-uniform`;
  if ("uniform" in range) return `${range.uniform.join(" to ")}, uniform`;
  return `one of ${range.map((value) => (typeof value === "object" ? JSON.stringify(value) : String(value))).join(", ")}`;
}

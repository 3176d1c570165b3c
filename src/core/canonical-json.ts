/** One text for equal values. */
import { assert } from "./errors.ts";

/**
 * JSON with the keys of every object sorted and absent values left out, so that the order in which options were
 * written does not show. Only what JSON can hold: a number that is not finite is a bug of ours.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).filter(([, member]) => member !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(",")}}`;
  }
  assert(typeof value !== "number" || Number.isFinite(value), `${value} in a configuration`);
  const text = JSON.stringify(value);
  assert(text !== undefined, `a ${typeof value} in a configuration`);
  return text;
}

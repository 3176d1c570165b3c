/** One text, and one hash, for equal values. */
import { createHash } from "node:crypto";
import { assert } from "./errors.ts";

/**
 * JSON with the keys of every object sorted and absent values left out, so that the order of options does not matter.
 * Asserts that JSON can hold the value: a number that is not finite is a bug.
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

/** Hexadecimal. */
export const sha256 = (bytes: Uint8Array | string): string =>
  createHash("sha256").update(bytes).digest("hex");

/** sha256 (hexadecimal) of the canonical JSON. */
export const hashOf = (value: unknown): string => sha256(canonicalJson(value));

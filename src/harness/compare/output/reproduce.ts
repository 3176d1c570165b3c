/** Command lines that repeat both sides of one reading, and compare them. */
import { shellQuote } from "../../../core/escape.ts";
import { ANYWHERE, typedAnywhere } from "../../../core/package-root.ts";
import type { Comparison, RowResult, RunLabel } from "../result.ts";

export function reproduceLines(
  { base, head }: Pick<Comparison, "base" | "head">,
  { key }: Pick<RowResult, "key">,
): string[] {
  return [
    ...checkout(base),
    `${typedAnywhere(base.command)} --out base`,
    ...checkout(head),
    `${typedAnywhere(head.command)} --out head`,
    `${ANYWHERE} compare base head --metric ${shellQuote(key)}`,
  ];
}

const checkout = ({ commit }: RunLabel): string[] =>
  commit === undefined ? [] : [`git switch --detach ${commit} && npm ci`];

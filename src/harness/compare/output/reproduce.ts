/** Command lines that repeat both sides of one reading, and compare them. */
import { shellQuote } from "../../../core/escape.ts";
import type { Comparison, RowResult, RunLabel } from "../result.ts";

export function reproduceLines(
  { base, head }: Pick<Comparison, "base" | "head">,
  { key }: Pick<RowResult, "key">,
): string[] {
  return [
    ...checkout(base),
    `npx ${plain(base.command)} --out base`,
    ...checkout(head),
    `npx ${plain(head.command)} --out head`,
    `npx bench compare base head --metric ${shellQuote(key)}`,
  ];
}

const plain = (command: string): string => command.replace(/^npx /, "");

const checkout = ({ commit }: RunLabel): string[] =>
  commit === undefined ? [] : [`git switch --detach ${commit} && npm ci`];

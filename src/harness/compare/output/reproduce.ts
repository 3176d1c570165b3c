/** Command lines that repeat both sides of one reading, and compare them. */
import { shellQuote } from "../../../core/escape.ts";
import type { Comparison, RowResult, RunLabel } from "../result.ts";

export function reproduceLines(
  { base, head }: Pick<Comparison, "base" | "head">,
  { key }: Pick<RowResult, "key">,
): string[] {
  const unknown = base.commit === undefined && head.commit === undefined;
  return [
    ...checkout(base),
    `npx ${plain(base.command)} --out base`,
    ...checkout(head),
    // two runs of one program are equal, so the lines alone would repeat nothing
    ...(unknown && base.command === head.command
      ? ["# here change to the other version of the code: the runs do not say which commits they are of"]
      : []),
    `npx ${plain(head.command)} --out head`,
    `npx bench compare base head --metric ${shellQuote(key)}`,
  ];
}

const plain = (command: string): string => command.replace(/^npx /, "");

const checkout = ({ commit }: RunLabel): string[] =>
  commit === undefined ? [] : [`git switch --detach ${commit} && npm ci`];

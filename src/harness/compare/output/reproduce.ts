/** Command lines that repeat both sides of one reading, and compare them. */
import { shellQuote } from "../../../core/escape.ts";
import { ANYWHERE, typedAnywhere } from "../../../core/package-root.ts";
import { isCommit } from "../history/commit.ts";
import type { Comparison, RowResult, RunLabel } from "../result.ts";

export function reproduceLines(
  { base, head }: Pick<Comparison, "base" | "head">,
  { key }: Pick<RowResult, "key">,
): string[] {
  const unknown = base.commit === undefined && head.commit === undefined;
  return [
    ...checkout(base),
    repeating(base.command, "base"),
    ...checkout(head),
    // two runs of one program are equal, so the lines alone would repeat nothing
    ...(unknown && base.command === head.command
      ? ["# here change to the other version of the code: the runs do not say which commits they are of"]
      : []),
    repeating(head.command, "head"),
    `${ANYWHERE} compare base head --metric ${shellQuote(key)}`,
  ];
}

/** Words as `shellQuote` writes them: a record from elsewhere may hold any text, and this is copied into a shell. */
const COMMAND = /^(?:npx )?(bench(?: (?:[\w@%+=:,./-]|'[^'\n]*'|\\')+)*)$/;

function repeating(command: string, out: string): string {
  const [, words] = COMMAND.exec(command) ?? [];
  return words === undefined
    ? `# the command of ${out} is not recorded as bench writes it`
    : `${typedAnywhere(words)} --out ${out}`;
}

const checkout = ({ commit }: RunLabel): string[] =>
  commit !== undefined && isCommit(commit) ? [`git switch --detach ${commit} && npm ci`] : [];

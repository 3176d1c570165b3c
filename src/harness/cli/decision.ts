/** What a terminal says of a run: the report's answer and how sure it is, what was found, and where it holds. */
import type { Decision } from "../report/index.ts";
import { type Io, printLine } from "./io.ts";

export function printDecision(io: Io, { answer, findings, scope }: Decision): void {
  printLine(io, `${answer.asked}:`);
  printLine(io, `${answer.verdict} ${answer.reason}`);
  printLine(io, `${answer.certainty.level}: ${answer.certainty.text}`);
  printLine(io);
  for (const { claim, text } of findings) printLine(io, `  ${claim}: ${text}`);
  printLine(io, scope);
  printLine(io);
}

/** What `compare` and `history` share: flags that say what is judged and how strictly, and where the verdicts go. */
import { appendFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { unwritable } from "../../core/disk.ts";
import { usageError } from "../../core/errors.ts";
import type { CompareRequest } from "../compare/compare.ts";
import { usual } from "../compare/options.ts";
import { annotations } from "../compare/output/annotations.ts";
import { comparisonJunit } from "../compare/output/junit.ts";
import { comparisonMarkdown, SUMMARY_BYTES } from "../compare/output/markdown.ts";
import { comparisonPage } from "../compare/output/page.ts";
import { reproduceLines } from "../compare/output/reproduce.ts";
import { comparisonText } from "../compare/output/text.ts";
import { type Comparison, exitCodesOf } from "../compare/result.ts";
import { readAsset } from "../report/assets.ts";
import { control, type ExitCode, gravest, type Io } from "./command.ts";
import { choice, type FlagValues, repeated, text, toggle, value } from "./flags.ts";
import { formatTable, printJson } from "./output.ts";
import { writeOutputFile } from "./output-file.ts";

/** Reads a number between two others, neither of which it may be. */
const between = (least: number, most: number) => (given: string) => {
  const number = Number(given);
  if (given.trim() === "" || !(number > least && number < most))
    throw new Error(`takes a number between ${least} and ${most}, not "${given}"`);
  return number;
};

export const compareFlags = {
  metric: repeated(
    "KEY",
    "judge only readings with this key, in which * stands for any text; the fewer readings, the fewer runs are needed",
    text,
  ),
  only: choice(["quality", "timing"], "judge one kind of reading alone"),
  alpha: value("P", `chance of any false alarm over all readings (${usual.alpha})`, between(0, 0.5)),
  power: value(
    "P",
    `least chance of finding a change of the size to detect; nothing is called unchanged below it (${usual.power})`,
    between(0.5, 1),
  ),
  floor: value(
    "SHARE",
    `changes of times and FID up to this share do not matter (${usual.floor})`,
    between(0, 1),
  ),
  detect: value("SHARE", `change of times and FID that must be found (${usual.detect})`, between(0, 10)),
  "noise-factor": value(
    "K",
    `changes up to K standard deviations of the history's nights do not matter (${usual.noiseFactor})`,
    between(0, 100),
  ),
  "allow-mismatch": toggle(
    "compare runs of different machines or settings all the same, and mark the output",
  ),
  strict: toggle("exit with 4 where anything is inconclusive"),
  junit: value("FILE", "write JUnit XML to this file", text),
  markdown: value(
    "FILE",
    "write Markdown to this file, at most 1 MiB; appended to $GITHUB_STEP_SUMMARY",
    text,
  ),
  html: value("FILE", "write one self-contained HTML page to this file", text),
  json: toggle("print one JSON object"),
};

type CompareFlags = FlagValues<typeof compareFlags>;

/** @throws USAGE where the flags contradict each other. */
export function judgedBy(
  flags: CompareFlags,
): Pick<CompareRequest, "options" | "select" | "allowMismatch" | "strict"> {
  const { alpha = usual.alpha, power = usual.power, floor = usual.floor, detect = usual.detect } = flags;
  if (detect <= floor)
    throw usageError(
      `--detect ${detect} must be above --floor ${floor}: a change that does not matter cannot be one to find`,
    );
  const options = { alpha, power, floor, detect, noiseFactor: flags["noise-factor"] ?? usual.noiseFactor };
  const select = { patterns: flags.metric ?? [], only: flags.only };
  return { options, select, allowMismatch: flags["allow-mismatch"], strict: flags.strict };
}

/** Prints and writes a comparison in every form that the flags ask for. Returns the exit code that it earns. */
export async function conclude(comparison: Comparison, flags: CompareFlags, io: Io): Promise<ExitCode> {
  const exitCode = gravest(exitCodesOf(comparison));
  const { junit, html, markdown } = flags;
  const write = (flag: string, file: string, content: string) =>
    writeOutputFile(resolve(io.cwd, file), content, flag);
  if (junit !== undefined) await write("--junit", junit, comparisonJunit(comparison));
  if (html !== undefined)
    await write("--html", html, comparisonPage(comparison, await readAsset("report.css")));
  if (markdown !== undefined && !(await appendedToSummary(comparison, markdown, io)))
    await write("--markdown", markdown, comparisonMarkdown(comparison));
  if (io.env.GITHUB_ACTIONS === "true")
    for (const line of annotations(comparison)) control(io.stderr, `${line}\n`);
  if (!flags.json) io.stdout.write(comparisonText(comparison, formatTable));
  else printJson(io, { ...comparison, rows: comparison.rows.map(repeatable(comparison)), exitCode });
  return exitCode;
}

/** A regression with the command lines that repeat it. */
const repeatable = (comparison: Comparison) => (row: Comparison["rows"][number]) =>
  row.verdict === "regressed" ? { ...row, reproduce: reproduceLines(comparison, row) } : row;

/** Appends to the file that GitHub collects a step's summary in; false where `file` is another one. */
async function appendedToSummary(comparison: Comparison, file: string, io: Io): Promise<boolean> {
  const target = resolve(io.cwd, file);
  const summary = io.env.GITHUB_STEP_SUMMARY;
  if (summary === undefined || resolve(io.cwd, summary) !== target) return false;
  const written = (await stat(target).catch(() => undefined))?.size ?? 0;
  const content = comparisonMarkdown(comparison, Math.max(4096, SUMMARY_BYTES - written));
  await appendFile(target, content).catch((cause: unknown) => {
    throw unwritable(file, cause, "Choose another --markdown.");
  });
  return true;
}

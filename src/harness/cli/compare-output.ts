/** Prints and writes a comparison in every form asked for, and gives the exit code that it earns. */
import { appendFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { makeFolder, unwritable } from "../../core/disk.ts";
import {
  annotations,
  type Comparison,
  comparisonJunit,
  comparisonMarkdown,
  comparisonPage,
  comparisonText,
  exitCodesOf,
  reproduceLines,
  SUMMARY_BYTES,
} from "../compare/index.ts";
import { writeAtomic } from "../store/atomic.ts";
import type { CompareFlags } from "./compare-flags.ts";
import { type ExitCode, gravest } from "./exit.ts";
import { type Io, printJson } from "./io.ts";
import { formatTable } from "./table.ts";

export async function conclude(comparison: Comparison, flags: CompareFlags, io: Io): Promise<ExitCode> {
  const code = gravest(exitCodesOf(comparison));
  const path = (file: string) => resolve(io.cwd, file);
  if (flags.junit !== undefined) await write(flags.junit, path(flags.junit), comparisonJunit(comparison));
  if (flags.html !== undefined) {
    const { readAsset } = await import("../report/assets.ts");
    await write(flags.html, path(flags.html), comparisonPage(comparison, await readAsset("report.css")));
  }
  if (flags.markdown !== undefined) await writeMarkdown(comparison, flags.markdown, io);
  if (io.env.GITHUB_ACTIONS === "true")
    for (const line of annotations(comparison)) io.stderr.write(`${line}\n`);
  if (flags.json)
    printJson(io, { ...comparison, rows: comparison.rows.map(repeatable(comparison)), exitCode: code });
  else io.stdout.write(comparisonText(comparison, formatTable));
  return code;
}

/** A regression with the command lines that repeat it. */
const repeatable = (comparison: Comparison) => (row: Comparison["rows"][number]) =>
  row.verdict === "regressed" ? { ...row, reproduce: reproduceLines(comparison, row) } : row;

/** GitHub collects what steps append to its summary file; any other file is replaced. */
async function writeMarkdown(comparison: Comparison, file: string, io: Io): Promise<void> {
  const target = resolve(io.cwd, file);
  const summary = io.env.GITHUB_STEP_SUMMARY;
  if (summary === undefined || resolve(io.cwd, summary) !== target)
    return await write(file, target, comparisonMarkdown(comparison));
  const written = (await stat(target).catch(() => undefined))?.size ?? 0;
  await appendFile(target, comparisonMarkdown(comparison, Math.max(4096, SUMMARY_BYTES - written))).catch(
    (cause: unknown) => {
      throw unwritable(file, cause, "Choose another place.");
    },
  );
}

async function write(file: string, target: string, text: string): Promise<void> {
  try {
    await makeFolder(dirname(target));
    await writeAtomic(target, text);
  } catch (cause) {
    throw unwritable(file, cause, "Choose another place.");
  }
}

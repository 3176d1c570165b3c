import { join, relative, resolve } from "node:path";
import { checkCreatable } from "../../../core/disk.ts";
import { BenchError } from "../../../core/errors.ts";
import { knownWords } from "../../../core/suggest.ts";
import { text } from "../arguments.ts";
import { command } from "../command.ts";
import { printDecision } from "../decision.ts";
import { type Io, printJson, printLine } from "../io.ts";

const formats = ["html", "md", "svg"] as const;
type Format = (typeof formats)[number];

/** Where a page of several runs goes unless told otherwise. */
const SIDE_BY_SIDE = "reports/side-by-side";

export const report = command({
  describe: "rebuild the report and the CSV files from run folders; several runs: one page, side by side",
  flags: {
    format: {
      kind: "value",
      value: "LIST",
      parse: formatsOf,
      describe: "html (with csv), md (with SVG files), svg, separated by commas; html where left out",
    },
    specs: {
      kind: "switch",
      describe: "also write each chart's Vega-Lite specification, with its data, to specs/",
    },
    out: {
      kind: "value",
      value: "DIR",
      parse: text,
      describe: `folder of the page of several runs; ${SIDE_BY_SIDE} where left out`,
    },
    json: { kind: "switch", describe: "print the paths as one JSON object" },
  },
  positionals: {
    usage: "RUN...",
    describe: "run folders, as `bench run --out` wrote them",
    least: 1,
    most: Number.POSITIVE_INFINITY,
  },
  async run({ flags, positionals }, io) {
    const folders = positionals.map((folder) => resolve(io.cwd, folder));
    const wanted = flags.format ?? (["html"] as const);
    if (folders.length === 1) {
      if (flags.out !== undefined)
        throw new BenchError("USAGE", "--out is for several runs; the report of one lies in its folder");
      return await one(folders[0]!, wanted, flags.specs, flags.json, io);
    }
    if (flags.specs || wanted.some((format) => format !== "html"))
      throw new BenchError(
        "USAGE",
        "several runs make one HTML page; --specs and other formats take one run at a time",
      );
    return await several(folders, resolve(io.cwd, flags.out ?? SIDE_BY_SIDE), flags.json, io);
  },
});

function formatsOf(list: string): Format[] {
  return list.split(",").map((word) => {
    const format = formats.find((known) => known === word.trim());
    if (format) return format;
    throw new BenchError("USAGE", `--format does not know "${word}"${knownWords(word, formats)}`);
  });
}

async function one(
  folder: string,
  wanted: readonly Format[],
  specs: boolean,
  json: boolean,
  io: Io,
): Promise<0> {
  const { run, cells } = await readable(folder, io);
  const { decide, exportReport, writeReport } = await import("../../report/index.ts");
  const page = wanted.includes("html") ? await writeReport(folder) : undefined;
  const exported = await exportReport(folder, {
    markdown: wanted.includes("md"),
    figures: wanted.includes("svg"),
    specs,
  });
  const warnings = [...new Set([...(page?.warnings ?? []), ...exported.warnings])];
  for (const warning of warnings) io.stderr.write(`warning: ${warning}\n`);
  const decision = decide(run, cells);
  if (json) {
    printJson(io, { out: folder, state: run.state, ...page, files: exported.files, warnings, decision });
    return 0;
  }
  const shown = relative(io.cwd, folder) || ".";
  printDecision(io, decision);
  if (page) printLine(io, `report: ${join(shown, "report.html")}`);
  if (wanted.includes("md")) printLine(io, `markdown: ${join(shown, "report.md")}`);
  if (wanted.includes("svg")) printLine(io, `figures: ${join(shown, "figures")}`);
  if (specs) printLine(io, `specifications: ${join(shown, "specs")}`);
  return 0;
}

async function several(folders: readonly string[], out: string, json: boolean, io: Io): Promise<0> {
  for (const folder of folders) await readable(folder, io);
  await checkCreatable(out);
  const { writeSideBySide } = await import("../../report/index.ts");
  const { html, warnings } = await writeSideBySide(folders, out);
  for (const warning of warnings) io.stderr.write(`warning: ${warning}\n`);
  if (json) printJson(io, { runs: folders, html, warnings });
  else printLine(io, `report: ${relative(io.cwd, html)}`);
  return 0;
}

/** The records of a run that has cells and that nobody is writing to. */
async function readable(folder: string, io: Io) {
  const { refuseIfLocked } = await import("../../store/index.ts");
  const { readRun } = await import("../../record/index.ts");
  const records = await readRun(folder);
  if (records.run.plan.length === 0)
    throw new BenchError("BAD_RUN_FOLDER", `${relative(io.cwd, folder) || "."} has no cells to report`);
  await refuseIfLocked(folder);
  return records;
}

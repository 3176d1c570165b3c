/** `bench report`: rebuilds the report of one run, or writes a page of several runs side by side. */
import { join, resolve } from "node:path";
import { checkCreatable } from "../../core/disk.ts";
import { badRunFolder, usageError } from "../../core/errors.ts";
import { readRun } from "../record/index.ts";
import { checkReportFolder, decide, exportReport, writeReport, writeSideBySide } from "../report/index.ts";
import { refuseIfLocked } from "../store/index.ts";
import { command, type Io } from "./command.ts";
import { commaSeparated, type FlagValues, oneOf, text, toggle, value, words } from "./flags.ts";
import { printDecision, printJson, printLine, shownPath } from "./output.ts";

const formats = ["html", "md", "svg"] as const;

/** Folder of a page of several runs where --out is not given. */
const SIDE_BY_SIDE = "reports/side-by-side";

const reportFlags = {
  format: value(
    "LIST",
    "html (with CSV), md (with SVG files), svg, separated by commas; html by default",
    commaSeparated(oneOf(formats)),
  ),
  specs: toggle("also write the Vega-Lite specification of each chart, with its data, to specs/"),
  out: value(
    "DIR",
    `new folder to write to; the run's own by default, for several runs ${SIDE_BY_SIDE}`,
    text,
  ),
  json: toggle("print the paths as one JSON object"),
};

type ReportFlags = FlagValues<typeof reportFlags>;

export default command({
  flags: reportFlags,
  positionals: { run: words("run folders, as `bench run --out` wrote them") },
  async run(flags, io) {
    const folders = flags.run.map((folder) => resolve(io.cwd, folder));
    const wanted = flags.format ?? ["html"];
    if (folders.length === 1) {
      const out = flags.out === undefined ? folders[0]! : resolve(io.cwd, flags.out);
      await reportOne(folders[0]!, out, wanted, flags, io);
    } else {
      if (flags.specs || wanted.some((format) => format !== "html"))
        throw usageError("several runs make one HTML page; --specs and other formats take one run at a time");
      await reportSeveral(folders, resolve(io.cwd, flags.out ?? SIDE_BY_SIDE), flags, io);
    }
    return 0;
  },
});

async function reportOne(
  folder: string,
  out: string,
  wanted: readonly (typeof formats)[number][],
  { specs, json }: ReportFlags,
  io: Io,
): Promise<void> {
  const { run, cells } = await readable(folder, io);
  if (out !== folder) await checkReportFolder(out);
  const [html, markdown, figures] = formats.map((format) => wanted.includes(format));
  const page = html ? await writeReport(folder, out) : undefined;
  const { files, ...exported } = await exportReport(folder, { markdown, figures, specs }, out);
  const warnings = [...new Set([...(page?.warnings ?? []), ...exported.warnings])];
  for (const warning of warnings) io.stderr.write(`warning: ${warning}\n`);
  const decision = decide(run, cells);
  if (json) return printJson(io, { out, state: run.state, ...page, files, warnings, decision });
  const shown = shownPath(io, out);
  printDecision(io, decision);
  if (html) printLine(io, `report: ${join(shown, "report.html")}`);
  if (markdown) printLine(io, `markdown: ${join(shown, "report.md")}`);
  if (figures) printLine(io, `figures: ${join(shown, "figures")}`);
  if (specs) printLine(io, `specifications: ${join(shown, "specs")}`);
}

async function reportSeveral(
  folders: readonly string[],
  out: string,
  { json }: ReportFlags,
  io: Io,
): Promise<void> {
  for (const folder of folders) await readable(folder, io);
  await checkCreatable(out);
  const { html, warnings } = await writeSideBySide(folders, out);
  for (const warning of warnings) io.stderr.write(`warning: ${warning}\n`);
  if (json) printJson(io, { runs: folders, html, warnings });
  else printLine(io, `report: ${shownPath(io, html)}`);
}

/** The records of a run that has cells and that no process is writing to. @throws BAD_RUN_FOLDER */
async function readable(folder: string, io: Io) {
  const records = await readRun(folder);
  if (records.run.plan.length === 0)
    throw badRunFolder(
      `${shownPath(io, folder)} has no cells to report; name the folder of a run that has some`,
    );
  await refuseIfLocked(folder);
  return records;
}

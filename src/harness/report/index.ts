/**
 * The report of a run folder, rebuilt from the records alone: `report.html` and `csv/*.csv`, on request Markdown, SVG
 * files and specifications; and one page of several runs. Nothing here loads an engine.
 */
import { join } from "node:path";
import { tables } from "../stages/readout/index.ts";
import { type CsvFile, csvFiles, rowLinks, type View } from "../tables/index.ts";
import { readAssets } from "./assets.ts";
import { readPictures, refuseLinks, viewRun, writeWhole } from "./files.ts";
import { drawCharts } from "./render/html/figures.ts";
import { page } from "./render/html/page.ts";
import { runReport } from "./run-report.ts";

export { type Decision, decide } from "./analysis/index.ts";
export { exportReport } from "./export.ts";
export { checkReportFolder } from "./files.ts";
export { writeSideBySide } from "./side-by-side.ts";

/**
 * The page of the run in `runDir`, and what could not be drawn as recorded: notices of the reader, sample grids that
 * are missing or changed, and anything that Vega warned of. Throws BAD_RUN_FOLDER for records that cannot be read.
 */
export async function renderReport(runDir: string): Promise<{ html: string; warnings: string[] }> {
  const view = await viewRun(runDir);
  return await render(runDir, view, csvFiles(view, tables));
}

/**
 * Writes `csv/*.csv` and `report.html` into the run folder or into `out`, each file whole or not at all, and gives their
 * paths. Throws BAD_RUN_FOLDER for records that cannot be read, OUTPUT_UNWRITABLE where the folder takes no files, and
 * OUTPUT_EXISTS where a link leads out of it.
 */
export async function writeReport(
  runDir: string,
  out = runDir,
): Promise<{ html: string; csv: string[]; warnings: string[] }> {
  const view = await viewRun(runDir);
  const files = csvFiles(view, tables);
  await refuseLinks(out);
  const csv: string[] = []; // first: numbers are not to be lost to a chart that cannot be drawn
  for (const { path, text } of files) csv.push(await writeWhole(join(out, path), text));
  const { html, warnings } = await render(runDir, view, files);
  return { html: await writeWhole(join(out, "report.html"), html), csv, warnings };
}

async function render(runDir: string, view: View, csv: readonly CsvFile[]) {
  const rowOf = rowLinks(view, tables);
  const report = runReport(view, csv, rowOf);
  const { charts, warnings } = await drawCharts(report.sections);
  const pictures = await readPictures(runDir, report.sections);
  const drawn = { charts, images: pictures.images, rowOf };
  return {
    html: page(report, () => drawn, await readAssets()),
    warnings: [...view.notices, ...pictures.warnings, ...warnings],
  };
}

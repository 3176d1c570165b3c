/**
 * The report of a run folder, rebuilt from the records alone: `report.html` and `csv/*.csv`, on request Markdown, SVG
 * files and specifications; and one page of several runs. Nothing here loads an engine.
 */
import { join } from "node:path";
import { type RunRecords, readRun } from "../record/index.ts";
import { readAssets } from "./assets.ts";
import { renderChart } from "./charts/index.ts";
import { type CsvFile, csvFiles } from "./csv/index.ts";
import { readPictures, writeWhole } from "./files.ts";
import { page } from "./html/page.ts";
import { chartsOf, picturesOf, sectionsOf } from "./sections/index.ts";

export { type Decision, decide } from "./analysis/index.ts";
export { assetSources } from "./assets.ts";
export {
  type Column,
  type CsvFile,
  type CsvName,
  csvColumns,
  csvFiles,
  csvTables,
  timingCsvs,
} from "./csv/index.ts";
export { type Exported, exportReport } from "./export.ts";
export { writeSideBySide } from "./side-by-side.ts";

/**
 * The page of the run in `runDir`, and what could not be drawn as recorded: notices of the reader, sample grids that
 * are missing or changed, and anything that Vega warned of. Throws BAD_RUN_FOLDER for records that cannot be read.
 */
export async function renderReport(runDir: string): Promise<{ html: string; warnings: string[] }> {
  const records = await readRun(runDir);
  return await render(runDir, records, csvFiles(records.run, records.cells));
}

/**
 * Writes `csv/*.csv` and `report.html` into the run folder, each file whole or not at all, and gives their paths.
 * Throws BAD_RUN_FOLDER for records that cannot be read and OUTPUT_UNWRITABLE where the folder takes no files.
 */
export async function writeReport(
  runDir: string,
): Promise<{ html: string; csv: string[]; warnings: string[] }> {
  const records = await readRun(runDir);
  const files = csvFiles(records.run, records.cells);
  const { html, warnings } = await render(runDir, records, files);
  const csv: string[] = [];
  for (const { path, text } of files) csv.push(await writeWhole(join(runDir, path), text));
  return { html: await writeWhole(join(runDir, "report.html"), html), csv, warnings };
}

async function render(
  runDir: string,
  { run, cells, notices }: RunRecords,
  csv: readonly CsvFile[],
): Promise<{ html: string; warnings: string[] }> {
  const sections = sectionsOf(run, cells);
  const { images, warnings } = await readPictures(
    runDir,
    picturesOf(sections).map(({ file }) => file),
  );
  const drawn = await Promise.all(chartsOf(sections).map(renderChart));
  const charts = new Map(drawn.map((one) => [one.chart.id, one]));
  return {
    html: page({ run, cells, notices, sections, charts, csv, images, assets: await readAssets() }),
    warnings: [...notices, ...warnings, ...drawn.flatMap((chart) => chart.warnings)],
  };
}

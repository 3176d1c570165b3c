/**
 * The report of a run folder: `report.html` and `csv/*.csv`, rebuilt from the records alone. Nothing here loads an
 * engine.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { BenchError, messageOf } from "../../core/errors.ts";
import { type FileEntry, type RunRecords, readRun } from "../record/index.ts";
import { readAssets } from "./assets.ts";
import { renderChart } from "./charts/index.ts";
import { type CsvFile, csvFiles } from "./csv/index.ts";
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
  const { images, warnings } = await readGrids(
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

/** Data URIs of the sample grids; a file that is absent, elsewhere or other than recorded is a warning. */
async function readGrids(runDir: string, files: readonly FileEntry[]) {
  const images = new Map<string, string>();
  const warnings: string[] = [];
  for (const { path, sha256 } of files) {
    const inside = posix.normalize(path);
    if (posix.isAbsolute(inside) || inside.startsWith("..")) {
      warnings.push(`${path} lies outside the run folder and is not shown.`);
      continue;
    }
    try {
      const bytes = await readFile(join(runDir, inside));
      if (createHash("sha256").update(bytes).digest("hex") === sha256)
        images.set(path, `data:image/png;base64,${bytes.toString("base64")}`);
      else warnings.push(`${path} differs from its recorded sha256 and is not shown.`);
    } catch (cause) {
      warnings.push(`${path} cannot be read and is not shown: ${messageOf(cause)}`);
    }
  }
  return { images, warnings };
}

/** Writes beside the target and renames, so that a reader sees the old file or the new one. */
async function writeWhole(path: string, text: string): Promise<string> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, text);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined); // the first error is the one to report
    throw new BenchError(
      "OUTPUT_UNWRITABLE",
      `${path} cannot be written: ${messageOf(cause)}. Free the place or choose another --out.`,
      { cause },
    );
  }
  return path;
}

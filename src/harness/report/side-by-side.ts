/** Several runs in one page: the same question put to each, their numbers in one table, their charts in turn. */
import { basename, join, posix, relative, resolve } from "node:path";
import { readRun } from "../record/index.ts";
import { decisionData } from "./analysis/index.ts";
import { readAssets } from "./assets.ts";
import { renderChart } from "./charts/index.ts";
import { type RowLink, rowLinks } from "./csv/rows.ts";
import { readPictures, writeWhole } from "./files.ts";
import { type RunInPage, severalPage } from "./html/several.ts";
import { chartsOf, picturesOf, prefixed, type Section, sectionsOf } from "./sections/index.ts";
import { severalSections } from "./sections/several.ts";

/**
 * Writes `report.html` of the runs into `out` and gives its path. Throws BAD_RUN_FOLDER for records that cannot be read
 * and OUTPUT_UNWRITABLE where the folder takes no files.
 */
export async function writeSideBySide(
  runDirs: readonly string[],
  out: string,
): Promise<{ html: string; warnings: string[] }> {
  const names = namesOf(runDirs);
  const read = await Promise.all(runDirs.map(async (dir) => await readRun(dir)));
  const runs = await Promise.all(
    read.map(async ({ run, cells, notices }, i): Promise<RunInPage & { warnings: string[] }> => {
      const own = sectionsOf(run, cells).map(withoutFiles);
      const { images, warnings } = await readPictures(
        runDirs[i]!,
        picturesOf(own).map(({ file }) => file),
      );
      const folder = relative(out, runDirs[i]!).replaceAll("\\", "/");
      const rowOf = from(folder, rowLinks(run, cells));
      const data = decisionData(run, cells, rowOf);
      const sections = prefixed(own, `run-${i + 1}-`);
      return { name: names[i]!, folder, run, cells, notices, sections, images, rowOf, data, warnings };
    }),
  );
  const together = severalSections(runs);
  const drawn = await Promise.all(
    [...together, ...runs.flatMap(({ sections }) => sections)].flatMap((one) =>
      chartsOf([one]).map(renderChart),
    ),
  );
  const charts = new Map(drawn.map((one) => [one.chart.id, one]));
  const html = severalPage({ runs, together, charts, assets: await readAssets() });
  return {
    html: await writeWhole(join(out, "report.html"), html),
    warnings: [
      ...runs.flatMap(({ notices, warnings }) => [...notices, ...warnings]),
      ...drawn.flatMap(({ warnings }) => warnings),
    ],
  };
}

/** Each run by its folder's name; by more of its path where two have the same. */
function namesOf(runDirs: readonly string[]): string[] {
  const short = runDirs.map((dir) => basename(resolve(dir)));
  return short.map((name, i) =>
    short.indexOf(name) === short.lastIndexOf(name)
      ? name
      : `${basename(resolve(runDirs[i]!, ".."))}/${name} (${i + 1})`,
  );
}

const from =
  (folder: string, rowOf: RowLink): RowLink =>
  (table, key) => {
    const row = rowOf(table, key);
    return row && posix.join(folder, row);
  };

/** Tables without links to files, which lie beside another page. */
const withoutFiles = (section: Section): Section => ({
  ...section,
  parts: section.parts.map((part) => {
    if (part.kind !== "table") return part;
    const { csv: _, ...table } = part;
    return table;
  }),
});

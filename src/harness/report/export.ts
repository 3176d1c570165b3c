/** The report outside its page: Markdown with SVG files, and Vega-Lite specifications for an editor. */
import { join } from "node:path";
import { readRun } from "../record/index.ts";
import { decisionData } from "./analysis/index.ts";
import { readAsset } from "./assets.ts";
import type { Chart } from "./charts/index.ts";
import { type Palette, palettesOf } from "./charts/palette.ts";
import { renderSpec } from "./charts/render.ts";
import { standaloneSpec } from "./charts/standalone.ts";
import { rowLinks } from "./csv/rows.ts";
import { writeWhole } from "./files.ts";
import { figurePaths, markdown } from "./markdown/document.ts";
import { chartsOf, sectionsOf } from "./sections/index.ts";

export interface Wanted {
  /** `report.md`, with its figures. */
  readonly markdown?: boolean;
  /** `figures/*.svg`, each in light and dark. */
  readonly figures?: boolean;
  /** `specs/*.vl.json`, self-contained. */
  readonly specs?: boolean;
}

export interface Exported {
  readonly files: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Writes what is wanted into the run folder, each file whole or not at all, and gives their paths. Throws
 * BAD_RUN_FOLDER for records that cannot be read and OUTPUT_UNWRITABLE where the folder takes no files.
 */
export async function exportReport(runDir: string, wanted: Wanted): Promise<Exported> {
  const { run, cells, notices } = await readRun(runDir);
  const sections = sectionsOf(run, cells);
  const palettes = palettesOf(await readAsset("report.css"));
  const files: string[] = [];
  const warnings: string[] = [];
  const write = async (path: string, text: string) => {
    files.push(await writeWhole(join(runDir, path), text));
  };
  for (const chart of chartsOf(sections)) {
    if (wanted.specs) {
      const spec = standaloneSpec(chart, palettes.light);
      await write(`specs/${chart.id}.vl.json`, `${JSON.stringify(spec, undefined, 2)}\n`);
    }
    if (!wanted.markdown && !wanted.figures) continue;
    const paths = figurePaths(chart.id);
    const light = await drawn(chart, palettes.light);
    await write(paths.light, light.svg);
    await write(paths.dark, (await drawn(chart, palettes.dark)).svg);
    warnings.push(...light.warnings);
  }
  if (wanted.markdown) {
    const data = decisionData(run, cells, rowLinks(run, cells));
    await write("report.md", markdown({ run, cells, notices, sections, data }));
  }
  return { files, warnings: [...notices, ...warnings] };
}

const drawn = async (chart: Chart, palette: Palette) =>
  await renderSpec(standaloneSpec(chart, palette), chart.id);

/** The report outside its page: Markdown with SVG files, and Vega-Lite specifications for an editor. */
import { join } from "node:path";
import { tables } from "../stages/readout/index.ts";
import { csvFiles, rowLinks } from "../tables/index.ts";
import { readAsset } from "./assets.ts";
import { palettesOf } from "./charts/palette.ts";
import { renderSpec } from "./charts/render.ts";
import { standaloneSpec } from "./charts/standalone.ts";
import { readPictures, refuseLinks, viewRun, writeWhole } from "./files.ts";
import { figurePaths, markdown } from "./render/markdown/document.ts";
import { runReport } from "./run-report.ts";
import { chartsOf, type Section } from "./section.ts";

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
 * Writes what is wanted into the run folder or into `out`, each file whole or not at all, and gives their paths. Throws
 * BAD_RUN_FOLDER for records that cannot be read and OUTPUT_UNWRITABLE where the folder takes no files.
 */
export async function exportReport(runDir: string, wanted: Wanted, out = runDir): Promise<Exported> {
  await refuseLinks(out);
  const view = await viewRun(runDir);
  const report = runReport(view, csvFiles(view, tables), rowLinks(view, tables));
  const palettes = palettesOf(await readAsset("report.css"));
  const files: string[] = [];
  const warnings: string[] = [];
  const write = async (path: string, text: string) => {
    files.push(await writeWhole(join(out, path), text));
  };
  for (const chart of chartsOf(report.sections)) {
    if (wanted.specs) {
      const spec = standaloneSpec(chart, palettes.light);
      await write(`specs/${chart.id}.vl.json`, `${JSON.stringify(spec, undefined, 2)}\n`);
    }
    if (!wanted.markdown && !wanted.figures) continue;
    const paths = figurePaths(chart.id);
    const light = await renderSpec(standaloneSpec(chart, palettes.light), chart.id);
    const dark = await renderSpec(standaloneSpec(chart, palettes.dark), chart.id);
    await write(paths.light, light.svg);
    await write(paths.dark, dark.svg);
    warnings.push(...light.warnings);
  }
  if (wanted.markdown) {
    if (out !== runDir) warnings.push(...(await copyPictures(runDir, out, report.sections)));
    await write("report.md", markdown(report));
  }
  return { files, warnings: [...view.notices, ...warnings] };
}

/** Puts the sample pictures beside a document that names them, and gives what keeps any from being there. */
async function copyPictures(runDir: string, out: string, sections: readonly Section[]): Promise<string[]> {
  const { bytes, warnings } = await readPictures(runDir, sections);
  for (const [path, content] of bytes) await writeWhole(join(out, path), content);
  return warnings;
}

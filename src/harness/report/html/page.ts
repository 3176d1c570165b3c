/** The page of one run. */
import type { Cell, Run } from "../../record/index.ts";
import { decide, decisionData, formatDate } from "../analysis/index.ts";
import type { AssetName } from "../assets.ts";
import type { RenderedChart } from "../charts/index.ts";
import type { CsvFile } from "../csv/index.ts";
import { rowLinks } from "../csv/rows.ts";
import type { Section } from "../sections/index.ts";
import { decisionSection } from "./decision.ts";
import { document } from "./document.ts";
import { header } from "./header.ts";
import { measuredSection } from "./measured.ts";
import { runSection } from "./run.ts";
import { sectionMarkup } from "./sections.ts";
import { html } from "./template.ts";

export interface PageInput {
  readonly run: Run;
  readonly cells: readonly Cell[];
  readonly notices: readonly string[];
  readonly sections: readonly Section[];
  /** Drawn charts of the sections, by id. */
  readonly charts: ReadonlyMap<string, RenderedChart>;
  readonly csv: readonly CsvFile[];
  /** Data URI of each picture, by its path in the run folder. */
  readonly images: ReadonlyMap<string, string>;
  readonly assets: Readonly<Record<AssetName, string>>;
}

export function page(input: PageInput): string {
  const { run, cells, notices, sections, charts, csv, images, assets } = input;
  const links = [
    ["decision", "Decision"],
    ...sections.map(({ id, title }) => [id, title] as const),
    ["measured", "Everything measured"],
    ["run", "The run"],
  ] as const;
  const rowOf = rowLinks(run, cells);
  const data = decisionData(run, cells, rowOf);
  return document({
    title: `GAN or diffusion? ${run.dataset.name}, ${run.suite}, ${formatDate(run.startedAt)}`,
    assets,
    links,
    header: header(run, cells, notices),
    main: html`${decisionSection(run, cells, decide(run, cells), data, sections)}
${sections.map((section) => sectionMarkup(section, { charts, images, rowOf }))}
${measuredSection(run, cells, rowOf)}
${runSection(run, cells, csv)}
`,
    footer: `Made by gan-vs-diffusion-bench ${run.environment.harness} from run ${run.id}. This page loads nothing: it can be mailed, kept and opened anywhere.`,
  });
}

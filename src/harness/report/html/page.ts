/** The whole page, in one file that loads nothing. */
import type { Cell, Run } from "../../record/index.ts";
import { decide, formatDate } from "../analysis/index.ts";
import type { AssetName } from "../assets.ts";
import type { RenderedChart } from "../charts/index.ts";
import type { CsvFile } from "../csv/index.ts";
import type { Section } from "../sections/index.ts";
import { decisionSection } from "./decision.ts";
import { header } from "./header.ts";
import { measuredSection } from "./measured.ts";
import { inlineScript, inlineStyle, interpreterScript, policy } from "./policy.ts";
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
  const scripts = [
    assets["vega.min.js"],
    interpreterScript(assets["vega-interpreter.js"]),
    assets["report.js"],
  ];
  const style = assets["report.css"];
  const links = [
    ["decision", "Decision"],
    ...sections.map(({ id, title }) => [id, title] as const),
    ["measured", "Everything measured"],
    ["run", "The run"],
  ] as const;
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(scripts, [style])}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>GAN or diffusion? ${run.dataset.name}, ${run.suite}, ${formatDate(run.startedAt)}</title>
${inlineStyle(style)}
</head>
<body>
<a class="skip" href="#decision">To the decision</a>
${header(run, cells, notices)}
<nav aria-label="Sections"><ul>${links.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
<main>
${decisionSection(run, decide(run, cells))}
${sections.map((section) => sectionMarkup(section, { charts, images }))}
${measuredSection(run, cells)}
${runSection(run, cells, csv)}
</main>
<footer><p>Made by gan-vs-diffusion-bench ${run.environment.harness} from run ${run.id}. This page loads nothing: it can be mailed, kept and opened anywhere.</p></footer>
<div class="tip" aria-hidden="true" hidden></div>
${scripts.map(inlineScript)}
</body>
</html>
`;
  return document.html;
}

/** The whole page, in one file that loads nothing. */
import type { Cell, Run } from "../../record/index.ts";
import { decide, formatDate } from "../analysis/index.ts";
import type { AssetName } from "../assets.ts";
import type { ChartSection, RenderedChart } from "../charts/index.ts";
import type { CsvFile } from "../csv/index.ts";
import { decisionSection } from "./decision.ts";
import { figure } from "./figures.ts";
import { header } from "./header.ts";
import { measuredSection } from "./measured.ts";
import { inlineScript, inlineStyle, interpreterScript, policy } from "./policy.ts";
import { runSection } from "./run.ts";
import { samplesOf, samplesSection } from "./samples.ts";
import { html, type Markup } from "./template.ts";

export interface PageInput {
  readonly run: Run;
  readonly cells: readonly Cell[];
  readonly notices: readonly string[];
  readonly charts: Readonly<Record<ChartSection, readonly RenderedChart[]>>;
  readonly csv: readonly CsvFile[];
  /** Data URI of each sample grid, by its path in the run folder. */
  readonly images: ReadonlyMap<string, string>;
  readonly assets: Readonly<Record<AssetName, string>>;
}

/** Title and introduction of each section of charts. */
const sections: Readonly<Record<ChartSection, { title: string; text: string }>> = {
  training: {
    title: "Training",
    text: "The loss of a GAN is a game's score and the loss of diffusion a regression's: read each for its calm, not one against the other.",
  },
  latency: {
    title: "Time",
    text: "Steady state, apart from compilation and the first request, which stand in the table below.",
  },
  quality: {
    title: "Quality against steps",
    text: "Curves: diffusion by sampler. Solid line: the GAN, which has no steps. Dashed: real images scored the same way, which no model is expected to pass, and noise.",
  },
  front: {
    title: "Quality against time",
    text: "Each point is a setting that could be deployed. By these two numbers, only those on the line are worth choosing.",
  },
  modes: { title: "Modes", text: "Whether every kind of image is made, and how often." },
};

export function page(input: PageInput): string {
  const { run, cells, notices, charts, csv, images, assets } = input;
  const scripts = [
    assets["vega.min.js"],
    interpreterScript(assets["vega-interpreter.js"]),
    assets["report.js"],
  ];
  const style = assets["report.css"];
  const samples = samplesOf(run, cells);
  const drawn = (Object.keys(sections) as ChartSection[]).filter((name) => charts[name].length > 0);
  const links = [
    ["decision", "Decision"],
    ...drawn.map((name) => [name, sections[name].title] as const),
    ...(samples.length > 0 ? [["samples", "Samples"] as const] : []),
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
${drawn.map((name) => chartSection(name, charts[name]))}
${samples.length > 0 ? samplesSection(samples, images) : undefined}
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

function chartSection(name: ChartSection, charts: readonly RenderedChart[]): Markup {
  const { title, text } = sections[name];
  return html`<section id="${name}" aria-labelledby="${name}-title">
<h2 id="${name}-title">${title}</h2>
<p>${text}</p>
<div class="figures">${charts.map(figure)}</div>
</section>
`;
}

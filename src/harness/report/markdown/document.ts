/** The report as Markdown, for a README or a pull request: the same words, charts as SVG files in light and dark. */
import type { Cell, Run } from "../../record/index.ts";
import {
  answered,
  decide,
  engineWords,
  formatCount,
  formatDate,
  formatList,
  marksOf,
  plural,
  stagesOf,
} from "../analysis/index.ts";
import { candidateColumns, candidateRows } from "../assets/candidates.js";
import { choose, type DecisionData } from "../assets/decide.js";
import { defaultRequirements } from "../assets/requirements.js";
import type { Chart } from "../charts/index.ts";
import type { Part, Picture, Section } from "../sections/index.ts";
import { attribute, code, dataTable, link, list, table, text } from "./text.ts";

export interface MarkdownInput {
  readonly run: Run;
  readonly cells: readonly Cell[];
  readonly notices: readonly string[];
  readonly sections: readonly Section[];
  readonly data: DecisionData;
}

/** Paths of a chart's drawings, relative to the document. */
export const figurePaths = (id: string): { light: string; dark: string } => ({
  light: `figures/${id}.svg`,
  dark: `figures/${id}-dark.svg`,
});

export function markdown({ run, cells, notices, sections, data }: MarkdownInput): string {
  const { dataset, engine, environment } = run;
  const marks = marksOf(run, cells, notices);
  const blocks = [
    "# GAN or diffusion, for this deployment?",
    text(
      `${run.suite} suite on ${dataset.name}, ${dataset.size} × ${dataset.size} × ${dataset.channels}; ${engine.device.model}, ${engineWords(engine)}; ${formatDate(run.startedAt)}`,
    ),
    ...marks.map(({ label, detail }) => `> **${text(label)}** ${text(detail)}`),
    ...decisionBlocks(data),
    ...foundBlocks(run, cells),
    ...scopeBlocks(run, cells),
    ...sections.flatMap(sectionBlocks),
    "## The run",
    code(run.command),
    list([
      `Harness ${environment.harness}, Node ${environment.node} on ${environment.platform}/${environment.arch}`,
      `${environment.cpu}, ${plural(environment.cores, "core")}`,
      `Dataset hash ${dataset.hash}`,
      `Configuration hash ${run.configHash}`,
      `Run ${run.id}`,
    ]),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

function decisionBlocks(data: DecisionData): string[] {
  const asked = defaultRequirements(data);
  const { asked: question, verdict, reason, certainty, changes } = answered(data, asked);
  const rows = candidateRows(data, asked, choose(data, asked));
  return [
    "## Decision",
    text(`${question}.`),
    `**${text(verdict)}** ${text(reason)}`,
    `**${text(certainty.level)}**: ${text(certainty.text)}`,
    changes.length > 0 ? "What would change the answer:" : "",
    changes.map(({ claim, text: what }) => `- **${text(claim)}.** ${text(what)}`).join("\n"),
    rows.length > 0
      ? table(
          candidateColumns(data, asked),
          rows.map(({ cells }) =>
            cells.map((cell) => (cell.href === undefined ? cell.text : link(cell.text, cell.href))),
          ),
        )
      : "",
  ];
}

function foundBlocks(run: Run, cells: readonly Cell[]): string[] {
  const { findings, caveats } = decide(run, cells);
  return [
    "### What was found",
    findings.map(({ claim, text: what }) => `- **${text(claim)}.** ${text(what)}`).join("\n"),
    "### What weakens it",
    list(caveats),
  ];
}

function scopeBlocks(run: Run, cells: readonly Cell[]): string[] {
  const absent = stagesOf(run, cells).filter(({ state }) => state !== "measured");
  return [
    "### Holds for this scope",
    list([
      ...run.models.map(
        ({ title, imagesSeen, parameters, tuning }) =>
          `${title}: ${formatCount(imagesSeen)} training images seen, ${formatCount(parameters)} parameters; tuning ${
            tuning ? `${plural(tuning.trials, "trial")}, ${tuning.how}` : "not stated"
          }`,
      ),
      absent.length > 0
        ? `Not measured: ${formatList(absent.map(({ claim }) => claim))}`
        : "All claims measured",
      "A larger image, budget or model may turn it around",
    ]),
  ];
}

function sectionBlocks({ title, claim, verdict, introduction, parts, protocol }: Section): string[] {
  return [
    `## ${text(title)}`,
    claim === undefined ? "" : text(`The claim: “${claim}.”`),
    verdict ? `**${text(verdict.outcome)}** ${text(verdict.text)} Decided by ${text(verdict.rule)}` : "",
    pairsBlock(verdict?.pairs ?? []),
    introduction === undefined ? "" : text(introduction),
    ...parts.flatMap(partBlocks),
    protocol.length > 0 ? "How it was measured:" : "",
    list(protocol),
  ];
}

/** Pairs of models beyond which they are folded away, as in the page. */
const PAIRS_SHOWN = 3;

function pairsBlock(pairs: readonly string[]): string {
  if (pairs.length <= PAIRS_SHOWN) return list(pairs);
  return `<details><summary>What each of ${pairs.length} pairs says</summary>\n\n${list(pairs)}\n\n</details>`;
}

function partBlocks(part: Part): string[] {
  switch (part.kind) {
    case "text":
      return [text(part.text)];
    case "heading":
      return [`### ${text(part.text)}`];
    case "charts":
      return part.charts.flatMap(chartBlocks);
    case "table":
      return [`**${text(part.caption)}**`, dataTable(part.table)];
    case "pictures":
      return [`### ${text(part.title)}`, ...part.pictures.map(pictureBlock)];
  }
}

function chartBlocks({ id, title, description, notes }: Chart): string[] {
  const { light, dark } = figurePaths(id);
  return [
    `<picture><source media="(prefers-color-scheme: dark)" srcset=${attribute(dark)}><img src=${attribute(light)} alt=${attribute(`${title}. ${description}`)}></picture>`,
    ...notes.map(text),
  ];
}

const pictureBlock = ({ label, caption, alt, file }: Picture): string =>
  `<img src=${attribute(file.path)} alt=${attribute(alt)}> ${text(`${label}: ${caption}`)}`;

/** The report as Markdown, for a README or a pull request: the same words, charts as SVG files in light and dark. */
import { plural } from "../../../../core/format.ts";
import type { Chart } from "../../charts/index.ts";
import { answered, candidateTable } from "../../decide/index.ts";
import {
  type Decided,
  type FactText,
  type Item,
  PAIRS_SHOWN,
  type Part,
  type Picture,
  type Report,
  type Section,
} from "../../section.ts";
import { attribute, code, codeSpan, link, list, table, text } from "./text.ts";

/** Paths of a chart's drawings, relative to the document. */
export const figurePaths = (id: string): { light: string; dark: string } => ({
  light: `figures/${id}.svg`,
  dark: `figures/${id}-dark.svg`,
});

export function markdown({ lead, facts, marks, sections, origin }: Report): string {
  const blocks = [
    "# GAN or diffusion, for this deployment?",
    text(lead),
    factsBlock(facts),
    ...marks.map(({ label, detail }) => `> **${text(label)}** ${text(detail)}`),
    ...sections.flatMap(sectionBlocks),
    text(`Made from ${origin}.`),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

function sectionBlocks({ id, title, claim, verdict, introduction, parts, protocol = [] }: Section): string[] {
  return [
    `<a id=${attribute(id)}></a>`,
    `## ${text(title)}`,
    claim === undefined ? "" : text(`The claim: “${claim}.”`),
    verdict ? `**${text(verdict.outcome)}** ${text(verdict.text)} Decided by ${text(verdict.rule)}` : "",
    pairsBlock(verdict?.pairs ?? []),
    introduction === undefined ? "" : text(introduction),
    ...parts.flatMap(partBlocks),
    protocol.length > 0 ? "How it was measured:" : "",
    list(protocol.map(text)),
  ];
}

function pairsBlock(pairs: readonly string[]): string {
  const items = list(pairs.map(text));
  return pairs.length <= PAIRS_SHOWN ? items : folded(`What each of ${pairs.length} pairs says`, items);
}

const folded = (title: string, block: string): string =>
  `<details><summary>${text(title)}</summary>\n\n${block}\n\n</details>`;

function partBlocks(part: Part): string[] {
  switch (part.kind) {
    case "decision":
      return decisionBlocks(part);
    case "text":
      return [text(part.text)];
    case "warning":
      return [`**${text(part.text)}**`];
    case "heading":
      return [`### ${text(part.text)}`];
    case "list":
      return [list(part.items.map(item))];
    case "facts":
      return [factsBlock(part.facts)];
    case "code":
      return [part.title === undefined ? code(part.code) : folded(part.title, code(part.code))];
    case "files":
      return [
        list(part.files.map(({ path, rows }) => `${link(path, path).markdown} ${plural(rows, "row")}`)),
      ];
    case "charts":
      return part.charts.flatMap(chartBlocks);
    case "table":
      return [`**${text(part.caption)}**`, table(part.table.columns, part.table.rows)];
    case "pictures":
      return [`### ${text(part.title)}`, ...part.pictures.map(pictureBlock)];
  }
}

function decisionBlocks({ runs, asked, scope }: Decided): string[] {
  return runs.flatMap(({ name, data }) => {
    const { asked: question, verdict, reason, certainty, notes, changes } = answered(data, asked);
    const { columns, rows } = candidateTable(data, asked);
    return [
      name === undefined ? "" : `### ${text(name)}`,
      text(`${question}.`),
      `**${text(verdict)}** ${text(reason)}`,
      `**${text(certainty.level)}**: ${text(certainty.text)}`,
      list(notes.map(text)),
      ...(changes.length > 0
        ? [
            "### What would change the answer",
            factsBlock(changes.map(({ claim, text }) => ({ name: claim, text }))),
          ]
        : []),
      ...(rows.length > 0
        ? [
            "### All settings under these requirements",
            table(
              columns,
              rows.map(({ cells }) =>
                cells.map((cell) => (cell.href === undefined ? cell.text : link(cell.text, cell.href))),
              ),
            ),
          ]
        : []),
      ...(scope.length > 0 ? ["### The answer holds for", ...scope.flatMap(partBlocks)] : []),
    ];
  });
}

const factsBlock = (facts: readonly { readonly name: string; readonly text: FactText }[]): string =>
  list(facts.map(({ name, text: content }) => `**${text(name)}.** ${factText(content)}`));

function factText(content: FactText): string {
  if (typeof content === "string") return text(content);
  return "code" in content ? codeSpan(content.code) : content.map(text).join("; ");
}

const item = ({ text: content, outcome, href, note }: Item): string =>
  [
    ...(outcome === undefined ? [] : [`**${text(outcome)}**`]),
    href === undefined ? text(content) : link(content, href).markdown,
    ...(note === undefined ? [] : [`(${text(note)})`]),
  ].join(" ");

function chartBlocks({ id, title, description, notes }: Chart): string[] {
  const { light, dark } = figurePaths(id);
  return [
    `<picture><source media="(prefers-color-scheme: dark)" srcset=${attribute(dark)}><img src=${attribute(light)} alt=${attribute(`${title}. ${description}`)}></picture>`,
    ...notes.map(text),
  ];
}

const pictureBlock = ({ label, caption, alt, file }: Picture): string =>
  `<img src=${attribute(file.path)} alt=${attribute(alt)}> ${text(`${label}: ${caption}`)}`;

/** Sections as markup: claim and verdict, then each part, and how all of it was measured. */
import { plural } from "../../../../core/format.ts";
import type { Verdict } from "../../../stages/readout/claim.ts";
import type { CsvFile, RowLink } from "../../../tables/index.ts";
import type { RenderedChart } from "../../charts/render.ts";
import { type Fact, type Item, PAIRS_SHOWN, type Part, type Picture, type Section } from "../../section.ts";
import { decisionMarkup } from "./decision.ts";
import { figure } from "./figures.ts";
import { dataTable, facts } from "./tables.ts";
import { html, type Markup } from "./template.ts";

export interface Drawn {
  /** Rendered charts by id. */
  readonly charts: ReadonlyMap<string, RenderedChart>;
  /** Data URI of each picture, by its path in the run folder. */
  readonly images: ReadonlyMap<string, string>;
  /** Where a row's numbers stand in the CSV files; without it rows are not linked. */
  readonly rowOf?: RowLink;
}

export function sectionMarkup(section: Section, drawn: Drawn): Markup {
  const { id, title, claim, verdict, introduction, parts, protocol = [] } = section;
  return html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${claim === undefined ? undefined : html`<p class="claim">The claim: “${claim}.”</p>`}
${verdict && verdictMarkup(verdict)}
${introduction === undefined ? undefined : html`<p>${introduction}</p>`}
${parts.map((part) => partMarkup(part, drawn))}
${
  protocol.length > 0
    ? html`<details class="protocol"><summary>How it was measured</summary><ul>${protocol.map((text) => html`<li>${text}</li>`)}</ul></details>`
    : undefined
}
</section>
`;
}

/** Style of each outcome. */
const levels: Readonly<Record<Verdict["outcome"], string>> = {
  holds: "supported",
  "does not hold here": "contrary",
  inconclusive: "inconclusive",
  "not measured": "unmeasured",
};

const outcomeMarkup = (outcome: Verdict["outcome"]): Markup =>
  html`<strong class="level ${levels[outcome]}">${outcome}</strong> `;

const verdictMarkup = ({ outcome, text, pairs, rule }: Verdict): Markup =>
  html`<div class="outcome ${levels[outcome]}"><p class="finding">${outcomeMarkup(outcome)}${text}</p>
${pairsMarkup(pairs)}
<details><summary>How it is decided</summary><p class="rule">By ${rule}</p></details></div>
`;

function pairsMarkup(pairs: readonly string[]): Markup | undefined {
  if (pairs.length === 0) return undefined;
  const items = html`<ul>${pairs.map((pair) => html`<li>${pair}</li>`)}</ul>`;
  return pairs.length > PAIRS_SHOWN
    ? html`<details><summary>What each of ${pairs.length} pairs says</summary>${items}</details>`
    : items;
}

function partMarkup(part: Part, drawn: Drawn): Markup {
  switch (part.kind) {
    case "decision":
      return decisionMarkup(
        part,
        part.scope.map((one) => partMarkup(one, drawn)),
      );
    case "text":
      return html`<p>${part.text}</p>
`;
    case "warning":
      return html`<p class="warning">${part.text}</p>
`;
    case "heading":
      return html`<h3>${part.text}</h3>
`;
    case "list":
      return html`<ul class="${part.items.some(({ outcome }) => outcome) ? "claims" : "list"}">${part.items.map(itemMarkup)}</ul>
`;
    case "facts":
      return factsMarkup(part.facts);
    case "code": {
      const code = html`<pre><code>${part.code}</code></pre>
`;
      return part.title === undefined
        ? code
        : html`<details><summary>${part.title}</summary>${code}</details>
`;
    }
    case "files":
      return html`<ul class="files">${part.files.map(fileMarkup)}</ul>
`;
    case "charts":
      return html`<div class="figures">${part.charts.map(({ id }) => {
        const chart = drawn.charts.get(id);
        return chart && figure(chart, drawn.rowOf);
      })}</div>
`;
    case "table":
      return html`${dataTable(part.caption, part.table, drawn.rowOf)}${
        part.csv &&
        html`<p class="source">In full: <a href="csv/${part.csv}.csv">${part.csv}.csv</a></p>
`
      }`;
    case "pictures":
      return html`<h3>${part.title}</h3>
<div class="samples ${part.layout}">${part.pictures.map((one) => pictureMarkup(one, drawn.images))}</div>
`;
  }
}

const itemMarkup = ({ text, outcome, href, note }: Item): Markup =>
  html`<li>${outcome && outcomeMarkup(outcome)}${href === undefined ? text : html`<a href="${href}">${text}</a>`}${note && ` (${note})`}</li>`;

export const factsMarkup = (shown: readonly Fact[]): Markup =>
  facts(
    shown.map(({ name, text }) => {
      if (typeof text === "string") return [name, text];
      return [name, "code" in text ? html`<code>${text.code}</code>` : html`${text.map(line)}`];
    }),
  );

const line = (text: string): Markup => html`<span class="line">${text}</span>`;

/** Files up to this size travel inside the page; larger ones are linked beside it. */
const EMBED_BYTES = 256 * 1024;

function fileMarkup({ path, text, rows }: CsvFile): Markup {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const bytes = Buffer.from(text);
  const inside = bytes.length <= EMBED_BYTES;
  const href = inside ? `data:text/csv;base64,${bytes.toString("base64")}` : path;
  const place = inside ? "" : ", beside this page";
  return html`<li><a href="${href}" download="${name}">${name}</a> ${plural(rows, "row")}${place}</li>
`;
}

/** Least edge on the page of one image of a grid, in CSS pixels: fewer cannot be judged. */
const LEAST_SHOWN = 64;

/** A picture at a whole multiple of its pixels; the page's script opens it large. */
function pictureMarkup(
  { label, file, caption, alt, columns = 1 }: Picture,
  images: ReadonlyMap<string, string>,
): Markup {
  const source = images.get(file.path);
  const { width, height } = source === undefined ? { width: 0, height: 0 } : pngSize(source);
  const scale = Math.max(1, Math.ceil(LEAST_SHOWN / Math.max(1, (width + 1) / columns - 1)));
  const picture = source
    ? html`<div class="scroll" tabindex="0"><img src="${source}" alt="${alt}" width="${scale * width}" height="${scale * height}"></div>`
    : html`<p class="missing">${file.path} is missing or was changed.</p>`;
  const opens = source && html`<button type="button" hidden>open large</button>`;
  return html`<figure>${picture}<figcaption><strong>${label}</strong><small>${caption}</small>${opens}</figcaption></figure>
`;
}

/** Width and height of a PNG in a data URI: bytes 16 to 23 of the file. */
function pngSize(uri: string): { width: number; height: number } {
  const header = Buffer.from(uri.slice(uri.indexOf(",") + 1, uri.indexOf(",") + 33), "base64");
  return header.length < 24
    ? { width: 0, height: 0 }
    : { width: header.readUInt32BE(16), height: header.readUInt32BE(20) };
}

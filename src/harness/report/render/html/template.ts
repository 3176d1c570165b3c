/** HTML that is safe by construction: what is put into a template is escaped unless it is markup already. */
import { escapeHtml } from "../../../../core/escape.ts";

export class Markup {
  readonly html: string;
  constructor(html: string) {
    this.html = html;
  }
}

type Part = Markup | string | number | undefined | readonly Part[];

function render(part: Part): string {
  if (part instanceof Markup) return part.html;
  if (part === undefined) return "";
  return typeof part === "object" ? part.map(render).join("") : escapeHtml(String(part));
}

/** `html\`<p>${text}</p>\``: text is escaped, markup and lists of it are put in as they are, undefined is nothing. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(strings.reduce((text, string, i) => text + render(parts[i - 1]) + string));
}

/** JSON for a data block: no `<`, so that nothing in it can end the block. */
export const jsonBlock = (value: unknown): Markup =>
  new Markup(JSON.stringify(value).replaceAll("<", "\\u003c"));

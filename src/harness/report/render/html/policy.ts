/** The page's Content-Security-Policy: nothing is loaded, and only the scripts and styles written into it run. */
import { createHash } from "node:crypto";
import { assert } from "../../../../core/errors.ts";
import { html, Markup } from "./template.ts";

const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

export function policy(scripts: readonly string[], styles: readonly string[]): string {
  return [
    "default-src 'none'",
    "img-src data:",
    `script-src ${scripts.map(hash).join(" ")}`,
    `style-src ${styles.map(hash).join(" ")}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

/** The head of a page; `scripts` are those that its body holds. */
export function documentHead(title: string, style: string, scripts: readonly string[] = []): Markup {
  return html`<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(scripts, [style])}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
${inlineStyle(style)}
</head>`;
}

export function inlineScript(text: string): Markup {
  assert(!/<\/script|<!--/i.test(text), "an inlined script must not hold what ends or hides a script");
  return new Markup(`<script>${text}</script>`);
}

export function inlineStyle(text: string): Markup {
  assert(!/<\/style/i.test(text), "an inlined style must not hold what ends a style");
  return new Markup(`<style>${text}</style>`);
}

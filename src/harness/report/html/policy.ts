/** The page's Content-Security-Policy: nothing is loaded, and only the very scripts and styles written into it run. */
import { createHash } from "node:crypto";
import { assert } from "../../../core/errors.ts";
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

/** What every page begins with; `scripts` are the very ones that its body holds. */
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

/** The interpreter is published as a module that imports from vega-util, all of which Vega's own bundle exports. */
export function interpreterScript(module: string): string {
  const script = module
    .replace(/^import (\{[^}]*\}) from 'vega-util';/m, "const $1 = vega;")
    .replace(
      /^export \{ expression as expressionInterpreter \};/m,
      "globalThis.vegaInterpreter = expression;",
    )
    .replace(/^\/\/# sourceMappingURL=.*$/m, "");
  assert(!/^(import|export) /m.test(script), "vega-interpreter imports or exports something new");
  return `"use strict";(() => {\n${script}})();`;
}

/** Modules that import only from one another, in an order in which each follows what it imports, as one script. */
export function joinedModules(modules: readonly string[]): string {
  const body = modules
    .map((module) =>
      module
        .replaceAll(/^import \{[^}]*\} from "\.\/[\w-]+\.js";$/gm, "")
        .replaceAll(/^export (?=const |function )/gm, ""),
    )
    .join("\n");
  assert(
    !/^(import|export)\b/m.test(body),
    "a module of the page imports or exports in a form not known here",
  );
  return `"use strict";\n{\n${body}}`; // within a block, two functions of one name are a syntax error
}

/** The shell of a page: one file that loads nothing, with its policy, styles, navigation and scripts. */
import type { AssetName } from "../assets.ts";
import { documentHead, inlineScript, interpreterScript, joinedModules } from "./policy.ts";
import { html, type Markup } from "./template.ts";

export interface DocumentParts {
  readonly title: string;
  readonly assets: Readonly<Record<AssetName, string>>;
  /** Ids of sections and how the navigation names them. */
  readonly links: readonly (readonly [string, string])[];
  readonly header: Markup;
  readonly main: Markup;
  readonly footer: string;
}

/** Modules of the decision, each after what it imports. */
const decisionModules = [
  "format.js",
  "decide.js",
  "requirements.js",
  "turns.js",
  "certainty.js",
  "words.js",
  "candidates.js",
  "controls.js",
] as const satisfies AssetName[];

export function document({ title, assets, links, header, main, footer }: DocumentParts): string {
  const scripts = [
    // first, so that the controls answer before the charts are drawn
    joinedModules([...decisionModules.map((name) => assets[name]), "startControls();\n"]),
    assets["vega.min.js"],
    interpreterScript(assets["vega-interpreter.js"]),
    assets["report.js"],
  ];
  const style = assets["report.css"] + assets["decision.css"];
  return html`<!doctype html>
<html lang="en">
${documentHead(title, style, scripts)}
<body>
<a class="skip" href="#decision">To the decision</a>
${header}
<nav aria-label="Sections"><ul>${links.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
<main>
${main}
</main>
<footer><p>${footer}</p></footer>
<div class="tip" aria-hidden="true" hidden></div>
${scripts.map(inlineScript)}
</body>
</html>
`.html;
}

/** A report as one HTML file that loads nothing, with its policy, styles, navigation and script. */
import type { Assets } from "../../assets.ts";
import type { Report, Section } from "../../section.ts";
import { type Drawn, factsMarkup, sectionMarkup } from "./parts.ts";
import { documentHead, inlineScript } from "./policy.ts";
import { html } from "./template.ts";

/** `drawnOf` gives the drawings and pictures of a section. */
export function page(report: Report, drawnOf: (section: Section) => Drawn, assets: Assets): string {
  const { title, lead, facts, marks, sections, origin } = report;
  const style = assets["report.css"] + assets["decision.css"];
  const script = assets["page.js"];
  const links = sections.filter(({ navigation }) => navigation !== false);
  return html`<!doctype html>
<html lang="en">
${documentHead(title, style, [script])}
<body>
<a class="skip" href="#decision">To the decision</a>
<header>
<div class="bar"><p class="eyebrow">gan-vs-diffusion-bench</p>
<fieldset class="theme" hidden><legend>Colours</legend>${["auto", "light", "dark"].map(
    (theme) => html`<label><input type="radio" name="theme" value="${theme}"><span>${theme}</span></label>`,
  )}</fieldset></div>
<h1>GAN or diffusion, for this deployment?</h1>
<p class="lead">${lead}</p>
${facts.length > 0 ? factsMarkup(facts) : undefined}
${
  marks.length > 0
    ? html`<ul class="alerts">${marks.map(({ label, detail }) => html`<li><strong>${label}</strong> ${detail}</li>`)}</ul>`
    : undefined
}
</header>
<nav aria-label="Sections"><ul>${links.map(({ id, title, navigation }) => html`<li><a href="#${id}">${navigation || title}</a></li>`)}</ul></nav>
<main>
${sections.map((section) => sectionMarkup(section, drawnOf(section)))}
</main>
<footer><p>Made from ${origin}. This page loads nothing: it can be mailed, kept and opened anywhere.</p></footer>
<div class="tip" aria-hidden="true" hidden></div>
${inlineScript(script)}
</body>
</html>
`.html;
}

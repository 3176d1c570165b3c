/** The controls of the decision. The page's script shows them; without it the answer stands as it was computed. */
import type { DecisionData, Requirements } from "../assets/decide.js";
import { formatNumber } from "../assets/format.js";
import { presetOf, presets, writeRequirements } from "../assets/requirements.js";
import { html, type Markup } from "./template.ts";

const percentiles = { p50: "half (p50)", p95: "95% (p95)", p99: "99% (p99)" } as const;
const preferences = { cheapest: "the cheapest", best: "the best" } as const;

export function controls(data: DecisionData, asked: Requirements): Markup {
  return html`<form class="controls" aria-label="What is asked" hidden>
<div class="presets" role="group" aria-label="Presets of the time that a request may take">${Object.entries(
    presets,
  ).map(
    ([name, { title, why }]) =>
      html`<button type="button" data-preset="${name}" aria-pressed="${String(presetOf(data, asked) === name)}" title="${title}: ${why}">${title}</button>`,
  )}<button type="button" class="reset">Reset</button></div>
<div class="fields">
${number("budget", "Time allowed, ms", asked.budgetMs, { empty: "any", hint: "empty: any time" })}
${select("at", "So must", entries(percentiles), asked.percentile)}
${select(
  "batch",
  "Images a request",
  data.batches.map((batch) => [String(batch), String(batch)]),
  String(asked.batch),
)}
${select(
  "metric",
  "Quality by",
  data.metrics.map(({ name, title, direction }) => [name, `${title} ${direction === "lower" ? "↓" : "↑"}`]),
  asked.metric,
)}
${number("floor", "Floor", asked.floor, { empty: "any", hint: scales(data, asked) })}
${number("volume", "Images over its life", asked.volume, { empty: "1000000" })}
${number("hour", `${data.price?.currency ?? "USD"} an hour`, asked.perHour, { empty: "none", hint: "empty: cost as machine time" })}
${select("prefer", "Of those that qualify", entries(preferences), asked.prefer)}
<label class="check"><input type="checkbox" name="steer"${asked.steer ? html` checked` : undefined}> It must make what it is told to (a label)</label>
</div>
<p class="link"><a class="share" href="#${writeRequirements(asked)}">Link to this choice</a></p>
</form>
`;
}

const entries = (table: Readonly<Record<string, string>>): [string, string][] => Object.entries(table);

function number(
  name: string,
  label: string,
  value: number | undefined,
  { empty, hint }: { empty: string; hint?: string | Markup[] },
): Markup {
  const described = hint === undefined ? undefined : html` aria-describedby="hint-${name}"`;
  return html`<div class="field"><label for="ask-${name}">${label}</label><input id="ask-${name}" name="${name}" type="number" step="any" inputmode="decimal" placeholder="${empty}" value="${value}"${described}>${
    hint === undefined ? undefined : html`<small id="hint-${name}">${hint}</small>`
  }</div>
`;
}

function select(
  name: string,
  label: string,
  choices: readonly (readonly [string, string])[],
  chosen: string,
): Markup {
  return html`<div class="field"><label for="ask-${name}">${label}</label><select id="ask-${name}" name="${name}">${choices.map(
    ([value, text]) =>
      html`<option value="${value}"${value === chosen ? html` selected` : undefined}>${text}</option>`,
  )}</select></div>
`;
}

/** What each metric reads on real images and on noise: what a floor can mean. */
const scales = ({ metrics }: DecisionData, { metric }: Requirements): Markup[] =>
  metrics.map(({ name, real, noise }) => {
    const scale =
      real === undefined || noise === undefined
        ? "no scale at this n"
        : `real ${formatNumber(real)}, noise ${formatNumber(noise)}`;
    return html`<span data-metric="${name}"${name === metric ? undefined : html` hidden`}>${scale}</span>`;
  });

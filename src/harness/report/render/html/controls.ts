/** The controls of the decision. The page's script shows them; without it the answer stands as it was computed. */
import { formatNumber } from "../../../../core/format.ts";
import {
  type DecisionData,
  presetOf,
  presetReason,
  presets,
  type Requirements,
  shares,
  writeRequirements,
} from "../../decide/index.ts";
import { html, type Markup } from "./template.ts";

type Choices = readonly (readonly [value: string, text: string])[];

const labelChoices: Choices = [
  ["none", "none asked for"],
  ["any", "none, all models"],
  ["given", "given for each"],
];

export function controls(data: DecisionData, asked: Requirements): Markup {
  const pressed = presetOf(data, asked);
  const ofRequests = Object.entries(shares).map(([name, share]) => [name, `${share} of requests`] as const);
  const batches = data.batches.map((batch) => [String(batch), String(batch)] as const);
  const metrics = data.metrics.map(
    ({ name, title, direction }) => [name, `${title} ${direction === "lower" ? "↓" : "↑"}`] as const,
  );
  const preferences: Choices = [
    ["cheapest", "the cheapest"],
    ["best", "the best"],
  ];
  return html`<form class="controls" aria-label="Requirements" hidden>
<div class="presets" role="group" aria-label="Presets of the time that a request may take">${Object.entries(
    presets,
  ).map(
    ([name, { title }]) =>
      html`<button type="button" data-preset="${name}" aria-pressed="${String(pressed === name)}" title="${title}: ${presetReason(data, name, asked)}">${title}</button>`,
  )}<button type="button" class="reset">Reset</button></div>
<div class="fields">
${number("budget", "Budget per request, ms", asked.budgetMs, { empty: "any", hint: "empty: any time" })}
${select("at", "Within budget for", ofRequests, asked.percentile)}
${select("batch", "Images per request", batches, String(asked.batch))}
${select("metric", "Quality metric", metrics, asked.metric)}
${number("floor", "Floor (worst value allowed)", asked.floor, { empty: "any", hint: scales(data, asked) })}
${number("volume", "Images over its lifetime", asked.volume, { empty: "1000000" })}
${number("hour", `${data.price?.currency ?? "USD"} per hour`, asked.perHour, { empty: "none", hint: "empty: cost as machine time" })}
${select("prefer", "Of those that qualify", preferences, asked.prefer)}
${select("labels", "Labels", labelChoices, asked.labels, "models told labels stand aside where none is asked for")}
</div>
<p class="link"><a class="share" href="#${writeRequirements(asked)}">Link to these requirements</a></p>
</form>
`;
}

function number(
  name: string,
  label: string,
  value: number | undefined,
  { empty, hint }: { empty: string; hint?: string | Markup[] },
): Markup {
  return html`<div class="field"><label for="ask-${name}">${label}</label><input id="ask-${name}" name="${name}" type="number" step="any" inputmode="decimal" placeholder="${empty}" value="${value}"${described(name, hint)}>${below(name, hint)}</div>
`;
}

function select(name: string, label: string, choices: Choices, chosen: string, hint?: string): Markup {
  return html`<div class="field"><label for="ask-${name}">${label}</label><select id="ask-${name}" name="${name}"${described(name, hint)}>${choices.map(
    ([value, text]) =>
      html`<option value="${value}"${value === chosen ? html` selected` : undefined}>${text}</option>`,
  )}</select>${below(name, hint)}</div>
`;
}

type Hint = string | Markup[] | undefined;

const described = (name: string, hint: Hint): Markup | undefined =>
  hint === undefined ? undefined : html` aria-describedby="hint-${name}"`;

const below = (name: string, hint: Hint): Markup | undefined =>
  hint === undefined ? undefined : html`<small id="hint-${name}">${hint}</small>`;

/** What each metric reads on real images and on noise: the scale of a floor. */
const scales = ({ metrics }: DecisionData, { metric }: Requirements): Markup[] =>
  metrics.map(({ name, real, noise, floor, floorRule }) => {
    const scale =
      real === undefined || noise === undefined
        ? "no scale: not measured at this n"
        : `real ${formatNumber(real)}, noise ${formatNumber(noise)}${floor === undefined ? "" : `; ${formatNumber(floor)} is ${floorRule}`}`;
    return html`<span data-metric="${name}"${name === metric ? undefined : html` hidden`}>${scale}</span>`;
  });

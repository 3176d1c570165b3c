/** The controls of the decision: read them, decide, and fill the answer and the link again. */
import {
  ANY,
  type DecisionData,
  defaultRequirements,
  fieldsOf,
  metricOf,
  presetOf,
  questionOf,
  type Requirements,
  readRequirements,
  requirementsOf,
  withPreset,
  writeRequirements,
} from "../decide/index.ts";
import { regions } from "../render/html/decision.ts";
import { json, one } from "./elements.ts";

export function startControls(): void {
  const form = document.querySelector<HTMLFormElement>(".controls");
  if (!form) return;
  const tables = json<DecisionData[]>(document, ".decision-data");
  const first = tables[0]!; // of several runs the first names metrics, batch sizes and price
  const field = (name: string) => one(form, `[name=${name}]`, HTMLElement) as HTMLInputElement;

  const show = (requirements: Requirements) => {
    const preset = presetOf(first, requirements);
    for (const button of form.querySelectorAll<HTMLElement>("[data-preset]"))
      button.ariaPressed = String(button.dataset.preset === preset);
    for (const hint of form.querySelectorAll<HTMLElement>("[data-metric]"))
      hint.hidden = hint.dataset.metric !== requirements.metric;
    one(form, ".share", HTMLAnchorElement).href = `#${writeRequirements(requirements)}`;
    one(document, ".asked", HTMLElement).textContent = questionOf(first, requirements);
    for (const [i, data] of tables.entries())
      for (const [name, markup] of Object.entries(regions))
        one(document, `[data-answer="${i}"] .${name}`, HTMLElement).innerHTML = markup(
          data,
          requirements,
        ).html;
  };
  const fill = (requirements: Requirements) => {
    for (const [name, value] of Object.entries(fieldsOf(requirements)))
      field(name).value = value === ANY && name !== "labels" ? "" : value;
  };
  const read = () => {
    const values = [...new FormData(form)].map(([name, value]) => [name, String(value) || ANY]);
    return requirementsOf(first, new URLSearchParams(values));
  };
  /** Keeps the choice in the address, so that it can be shared, without a new entry in the history. */
  const update = () => {
    const requirements = read();
    show(requirements);
    history.replaceState(history.state, "", `#${writeRequirements(requirements)}`);
  };
  const follow = () => {
    const requirements = readRequirements(first, location.hash);
    if (!requirements) return;
    fill(requirements);
    show(requirements);
    one(document, "#decision", HTMLElement).scrollIntoView();
  };

  form.addEventListener("input", ({ target }) => {
    const metric = field("metric");
    if (target === metric) field("floor").value = String(metricOf(first, metric.value)?.floor ?? "");
    update();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("click", ({ target }) => {
    if (!(target instanceof HTMLButtonElement)) return;
    const { preset } = target.dataset;
    fill(preset ? withPreset(first, preset, read()) : defaultRequirements(first));
    update();
  });
  addEventListener("hashchange", follow);
  form.hidden = false;
  // a browser may restore fields of an earlier visit; the page starts from the answer that it was written with
  fill(defaultRequirements(first));
  follow();
}

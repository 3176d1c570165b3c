// The controls of the decision: read them, decide, write the answer and the link. Text is only ever set as text.

import { candidateColumns, candidateRows } from "./candidates.js";
import { howSure } from "./certainty.js";
import { choose } from "./decide.js";
import {
  defaultRequirements,
  finiteNumber,
  positiveNumber,
  presetOf,
  readRequirements,
  withPreset,
  writeRequirements,
} from "./requirements.js";
import { answerOf, changesOf, questionOf } from "./words.js";

export function startControls() {
  const form = document.querySelector(".controls");
  if (!form) return;
  const tables = JSON.parse(document.querySelector(".decision-data").textContent);
  const [first] = tables; // of several runs the first names metrics, batches and price
  const field = (name) => form.elements.namedItem(name);
  const element = (tag, properties, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };

  const read = () => {
    const budgetMs = positiveNumber(field("budget").value);
    const floor = finiteNumber(field("floor").value);
    const perHour = positiveNumber(field("hour").value);
    return {
      batch: Number(field("batch").value),
      budgetMs,
      percentile: field("at").value,
      metric: field("metric").value,
      floor,
      perHour,
      volume: positiveNumber(field("volume").value) ?? defaultRequirements(first).volume,
      steer: field("steer").checked,
      prefer: field("prefer").value,
    };
  };

  const fill = ({ batch, budgetMs, percentile, metric, floor, perHour, volume, steer, prefer }) => {
    field("batch").value = String(batch);
    field("budget").value = budgetMs ?? "";
    field("at").value = percentile;
    field("metric").value = metric;
    field("floor").value = floor ?? "";
    field("hour").value = perHour ?? "";
    field("volume").value = volume;
    field("steer").checked = steer;
    field("prefer").value = prefer;
  };

  const show = (requirements) => {
    const preset = presetOf(first, requirements);
    for (const button of form.querySelectorAll("[data-preset]"))
      button.setAttribute("aria-pressed", String(button.dataset.preset === preset));
    const metric = first.metrics.find(({ name }) => name === requirements.metric);
    for (const hint of form.querySelectorAll("[data-metric]"))
      hint.hidden = hint.dataset.metric !== metric?.name;
    document.querySelector(".asked").textContent = questionOf(first, requirements);
    form.querySelector(".share").href = `#${writeRequirements(requirements)}`;
    for (const [i, data] of tables.entries())
      answer(document.querySelector(`[data-answer="${i}"]`), data, requirements);
  };

  const answer = (place, data, requirements) => {
    const choice = choose(data, requirements);
    const [verdict, reason] = answerOf(data, requirements, choice);
    const { level, text } = howSure(data, requirements, choice);
    place.querySelector(".verdict").textContent = verdict;
    place.querySelector(".reason").textContent = reason;
    const mark = place.querySelector(".certainty .level");
    mark.className = `level ${level}`;
    mark.textContent = level;
    place.querySelector(".certainty span").textContent = text;
    place
      .querySelector(".changes")
      .replaceChildren(
        ...changesOf(data, requirements, choice).map(({ claim, text }) =>
          element("div", {}, element("dt", { textContent: claim }), element("dd", { textContent: text })),
        ),
      );
    const table = place.querySelector(".candidates table");
    for (const [i, cell] of [...table.tHead.rows[0].cells].entries())
      cell.textContent = candidateColumns(data, requirements)[i];
    table.tBodies[0].replaceChildren(
      ...candidateRows(data, requirements, choice).map(({ state, cells }) =>
        element("tr", { className: state }, ...cells.map(tableCell)),
      ),
    );
  };

  const tableCell = ({ text, href }, i) => {
    const cell = i === 0 ? element("th", { scope: "row" }) : element("td", {});
    cell.append(href ? element("a", { href, textContent: text }) : text);
    return cell;
  };

  /** Keeps the choice in the address, so that it can be shared, without a new entry in the history. */
  const keep = (requirements) =>
    history.replaceState(history.state, "", `#${writeRequirements(requirements)}`);

  const update = () => {
    const requirements = read();
    show(requirements);
    keep(requirements);
  };

  form.addEventListener("input", ({ target }) => {
    if (target.name === "metric")
      field("floor").value = first.metrics.find(({ name }) => name === target.value)?.floor ?? "";
    update();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("click", ({ target }) => {
    const { preset } = target.dataset;
    if (preset) fill(withPreset(first, preset, read()));
    else if (target.matches(".reset")) fill(defaultRequirements(first));
    else return;
    update();
  });
  const follow = () => {
    const requirements = readRequirements(first, location.hash);
    if (!requirements) return;
    fill(requirements);
    show(requirements);
    document.querySelector("#decision").scrollIntoView();
  };
  addEventListener("hashchange", follow);
  form.hidden = false;
  // a browser may restore fields of an earlier visit; the page starts from the answer that it was written with
  fill(defaultRequirements(first));
  follow();
}
